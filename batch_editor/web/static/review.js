// Step 3: the form that sends is sent once. The server makes one run of it without this as well.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) setTimeout(() => { button.disabled = true; });
  });
}
addEventListener("pageshow", (event) => { // a page that comes back from the history is that of before
  if (event.persisted) location.reload();
});
