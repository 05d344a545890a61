// Step 3: the form that sends is sent once. The server makes one run of it without this as well.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true))));
}
addEventListener("pageshow", (event) => event.persisted && location.reload()); // what comes back from the history is old
