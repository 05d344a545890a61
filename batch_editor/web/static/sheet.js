// Handing in a sheet: it can be dropped anywhere on the page, and what cannot be taken is said before it is sent.
const part = document.querySelector("[data-sheet-drop]"), words = part.dataset;
const [form, paste, problem, status, hint] = ["file", "paste", "problem", "status", "needs-script"].map((name) =>
  part.querySelector(`[data-sheet-${name}]`)
);
const input = form.elements.file;
const mark = (on) => document.body.classList.toggle("sheet-dropping", on);
const announce = () => (status.textContent = words.arriving);

function refuse(text) {
  problem.textContent = text;
  problem.hidden = !text;
  if (text) problem.scrollIntoView({ block: "nearest" });
  return Boolean(text);
}
const isTooLarge = () => refuse(input.files[0]?.size > Number(words.most) ? words.tooLarge : "");

function onFiles(name, act) {
  addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(name === "dragover");
    act?.(event.dataTransfer);
  });
}

hint.hidden = false;
input.addEventListener("change", isTooLarge);
form.addEventListener("submit", (event) => (isTooLarge() ? event.preventDefault() : announce()));
paste.addEventListener("submit", announce);
addEventListener("pageshow", () => (status.textContent = ""));
addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
onFiles("dragover");
onFiles("drop", ({ files, items }) => {
  const dropped = [...items].filter((item) => item.kind === "file");
  if (dropped.length > 1) return refuse(words.several);
  if (dropped[0]?.webkitGetAsEntry?.()?.isDirectory) return refuse(words.folder);
  input.files = files;
  if (files.length && !isTooLarge()) form.requestSubmit();
});
