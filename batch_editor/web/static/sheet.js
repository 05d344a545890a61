// Handing in a sheet: it can be dropped anywhere on the page, and what cannot be taken is said before it is sent.
const part = document.querySelector("[data-sheet-drop]");
if (part) {
  const words = part.dataset;
  const [form, problem, status] = ["file", "problem", "status"].map((name) => part.querySelector(`[data-sheet-${name}]`));
  const input = form.querySelector("input[type=file]");
  const refuse = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    if (text) problem.scrollIntoView({ block: "nearest" });
    return !text;
  };
  const mayGo = () => {
    const [file] = input.files;
    return refuse(file && file.size > Number(words.most) ? words.tooLarge : "");
  };
  part.querySelector("[data-sheet-needs-script]").hidden = false;
  input.addEventListener("change", mayGo);
  form.addEventListener("submit", (event) => {
    if (!mayGo()) return event.preventDefault();
    status.textContent = words.arriving;
  });
  part.querySelector("[data-sheet-paste]").addEventListener("submit", () => (status.textContent = words.arriving));
  addEventListener("pageshow", () => (status.textContent = ""));
  const holdsFiles = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("sheet-dropping", on);
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(false);
    const dropped = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    if (dropped.length > 1) return refuse(words.several);
    const entry = dropped[0] && dropped[0].webkitGetAsEntry && dropped[0].webkitGetAsEntry();
    if (entry && entry.isDirectory) return refuse(words.folder);
    input.files = event.dataTransfer.files;
    if (input.files.length && mayGo()) form.requestSubmit();
  });
}
