// Step 3: a form is sent once, and the page of a reading that goes on looks again by itself. Both work without this as well.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) setTimeout(() => { button.disabled = true; });
  });
}
addEventListener("pageshow", (event) => { // a page that comes back from the history is that of before
  if (event.persisted) location.reload();
});

const place = document.querySelector("[data-reading]");
async function look() {
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "follow" });
  } catch {
    setTimeout(look, 3000); // the server is away: it is asked again
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-reading]");
  if (!now) {
    location.replace(answer.url);
    return;
  }
  place.replaceChildren(...now.childNodes);
  setTimeout(look, 1000);
}
if (place) setTimeout(look, 1000);
