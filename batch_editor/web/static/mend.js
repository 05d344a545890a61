// A cell is saved when it is left or by Enter, and the server draws its row again.
const form = document.getElementById("rows");
const live = document.getElementById("live");
const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
const unsaved = new Set(); // the ids of cells that the server did not answer for
let queue = Promise.resolve(), busy = 0;
let composing, broken; // the cell that an input method is at work in, and the one in which it was interrupted
let byKey = false;

const byId = (id) => document.getElementById(id);
const all = (selector, from = form) => [...from.querySelectorAll(selector)];
const isCell = (element) => element?.matches?.("[data-seen]");
const initial = (cell) => (cell.options ? [...cell.options].find((option) => option.defaultSelected)?.value : cell.defaultValue);
const isChanged = (cell) => cell.value !== initial(cell);
const mark = (cell, text) => (byId(`state-${cell.id}`).textContent = text);
const enter = (cell) => {
  cell.focus();
  cell.select?.();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
};

function show(row) {
  const old = byId(row.id), active = document.activeElement;
  const typed = all("[data-seen]", old).filter((cell) => isChanged(cell) && cell.value !== cell.dataset.sent);
  if (typed.includes(active) || (composing && old.contains(composing))) {
    // Nobody's typing is interrupted: the row is drawn once the cell is left.
    for (const cell of all("[data-seen]", row)) if (byId(cell.id)) byId(cell.id).dataset.seen = cell.dataset.seen;
    old.dataset.stale = "";
    return;
  }
  const isHere = old.contains(active);
  old.replaceWith(row);
  for (const cell of typed) if (byId(cell.id)) byId(cell.id).value = cell.value;
  const next = isHere && ((active.id && byId(active.id)) || row.querySelector("[data-seen], a"));
  if (next) enter(next);
}

function send(row, values, cell) {
  busy += 1;
  if (cell) mark(cell, form.dataset.saving);
  const kept = Object.fromEntries(all(":scope > input").map((input) => [input.name, input.value]));
  return (queue = queue.then(async () => {
    let reason = form.dataset.lost;
    try {
      const headers = { "X-CSRF-Token": token, "X-Row": row };
      const answer = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams({ ...kept, ...values }) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const drawn = page.getElementById(`row-${row}`);
      if (drawn) {
        byId("summary").replaceWith(page.getElementById("summary"));
        live.textContent = drawn.dataset.told;
        unsaved.delete(cell?.id);
        show(drawn);
        for (const id of unsaved) save(byId(id));
        return drawn;
      }
      reason = page.querySelector("main [role=alert]")?.textContent.trim() ?? reason;
    } catch {
      // What was typed stays where it is.
    } finally {
      busy -= 1;
    }
    live.textContent = reason;
    if (cell) {
      mark(cell, reason);
      delete cell.dataset.sent;
      unsaved.add(cell.id);
    }
  }));
}

function save(cell, always) {
  if (!(always || isChanged(cell)) || cell.value === cell.dataset.sent) return queue;
  cell.dataset.sent = cell.value;
  const name = cell.id.slice(2);
  return send(name.split("-")[0], { [cell.name]: cell.value, [`seen-${name}`]: cell.dataset.seen }, cell);
}

function go(step, isSilent) {
  const here = document.activeElement;
  const ahead = all("[data-bad]").filter((cell) => cell !== here && here.compareDocumentPosition(cell) & (step > 0 ? 4 : 2));
  const next = ahead.at(step > 0 ? 0 : -1);
  const link = document.querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]");
  if (next) enter(next);
  else if (link) queue.then(() => location.assign(`${link.href}#${step}`));
  else if (!isSilent) live.textContent = form.dataset.end;
}

async function saveAndGo(cell) {
  const isTyped = isChanged(cell) || "mine" in cell.dataset;
  if (isTyped) {
    const row = await save(cell, true);
    if (!row || row.querySelector(`[id="${cell.id}"]`)?.matches("[data-bad], [data-mine]")) return;
  }
  go(1, isTyped);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // the key belongs to the input method
  const cell = event.target;
  byKey = true;
  if (event.key === "F8") {
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  } else if (isCell(cell) && event.key === "Escape") {
    cell.value = initial(cell);
  } else if (isCell(cell) && event.key === "Enter" && !event.shiftKey && !event.altKey) {
    if (!cell.options) event.preventDefault();
    setTimeout(() => saveAndGo(cell)); // an open list has its value only afterwards
  }
});
document.addEventListener("pointerdown", () => {
  byKey = false;
  broken = composing;
});
form.addEventListener("compositionstart", (event) => (composing = event.target));
form.addEventListener("compositionend", () => (composing = null));
form.addEventListener("change", ({ target }) => {
  if (target.options && !byKey) save(target); // arrow keys pass by other words
});
form.addEventListener("focusout", ({ target }) => {
  if (!isCell(target) || !document.hasFocus()) return; // whoever looks something up elsewhere comes back
  if (target === broken && isChanged(target)) mark(target, form.dataset.half);
  else save(target, "stale" in target.closest("tr").dataset);
  broken = null;
});
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target === form && button?.closest("tr")) {
    event.preventDefault();
    const cell = byId(`c-${button.value}`);
    if (button.name === "mine") saveAndGo(cell);
    else {
      cell.value = initial(cell);
      send(button.value.split("-")[0], { [button.name]: button.value });
    }
  } else if (busy) {
    event.preventDefault();
    queue.then(() => event.target.requestSubmit(button));
  }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]"), step = event.target.closest("[data-go]")?.dataset.go;
  if (step) go(Number(step));
  else if (link && busy && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    queue.then(() => location.assign(link.href));
  }
});
addEventListener("beforeunload", (event) => {
  if (busy || all("[data-mine]").length || all("[data-seen]").some(isChanged)) event.preventDefault();
});

document.documentElement.classList.add("scripted");
const start = { "#1": 0, "#-1": -1 }[location.hash];
const bad = all("[data-bad]");
if (start !== undefined && bad.length) enter(bad.at(start));
