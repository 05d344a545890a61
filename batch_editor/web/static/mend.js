// A cell is saved when it is left or by Enter, and the server draws its row again.
const byId = (id) => document.getElementById(id);
const form = byId("rows"), live = byId("live"), words = form.dataset;
let queue = Promise.resolve(), busy = 0;
let composing, broken, byKey; // the cell an input method is at work in, the one where a click broke in, the last way to act

const all = (selector, from = form) => [...from.querySelectorAll(selector)];
const isCell = (element) => element.matches("[data-seen]");
const initial = (cell) => (cell.options ? [...cell.options].find((option) => option.defaultSelected)?.value : cell.defaultValue);
const isChanged = (cell) => cell.value !== initial(cell);
const mark = (cell, text) => (byId(`state-${cell.id}`).textContent = text);
const enter = (cell) => {
  cell.focus();
  cell.select?.();
};

const visit = (address) => queue.then(() => location.assign(address));

function show(row) {
  const old = byId(row.id), active = document.activeElement, isHere = old.contains(active);
  const typed = all("[data-seen]", old).filter((cell) => isChanged(cell) && cell.value !== cell.dataset.sent);
  if (typed.includes(active) || old.contains(composing ?? null)) {
    // Nobody's typing is interrupted: the row is drawn once the cell is left.
    for (const { id, dataset } of all("[data-seen]", row)) if (byId(id)) byId(id).dataset.seen = dataset.seen;
    old.dataset.stale = "";
    return;
  }
  old.replaceWith(row);
  for (const { id, value } of typed) if (byId(id)) byId(id).value = value;
  if (isHere) enter((active.id && byId(active.id)) || row.querySelector("[data-seen], a"));
}

function send(row, values, cell) {
  busy += 1;
  if (cell) mark(cell, words.saving);
  const body = new URLSearchParams(all(":scope > input").map((input) => [input.name, input.value]).concat(values));
  return (queue = queue.then(async () => {
    let reason = words.lost;
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { "X-Row": row }, body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const drawn = page.getElementById(`row-${row}`);
      if (drawn) {
        byId("summary").replaceWith(page.getElementById("summary"));
        live.textContent = drawn.dataset.announcement;
        show(drawn);
        return drawn;
      }
      reason = page.querySelector("main [role=alert]")?.textContent ?? reason;
    } catch {
      // What was typed stays where it is.
    } finally {
      busy -= 1;
    }
    live.textContent = reason;
    if (cell) {
      mark(cell, reason);
      delete cell.dataset.sent;
    }
  }));
}

function save(cell, always) {
  if (!(always || isChanged(cell)) || cell.value === cell.dataset.sent) return queue;
  cell.dataset.sent = cell.value;
  const name = cell.id.slice(2);
  return send(name.split("-")[0], [[cell.name, cell.value], [`seen-${name}`, cell.dataset.seen]], cell);
}

function go(step, isSilent) {
  const here = document.activeElement;
  const ahead = all("[data-bad]").filter((cell) => cell !== here && here.compareDocumentPosition(cell) & (step > 0 ? 4 : 2));
  const link = document.querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]");
  if (ahead[0]) enter(ahead.at(step > 0 ? 0 : -1));
  else if (link) visit(`${link.href}#${step}`);
  else if (!isSilent) live.textContent = words.end;
}

async function saveAndGo(cell) {
  const isTyped = isChanged(cell) || "mine" in cell.dataset;
  const row = isTyped && (await save(cell, true));
  if (!isTyped || (row && !row.querySelector(`[id="${cell.id}"]:is([data-bad], [data-mine])`))) go(1, isTyped);
}

addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) {
    // The key belongs to the input method, and sends no form.
    if (event.code.endsWith("Enter")) event.preventDefault();
    return;
  }
  const cell = event.target;
  byKey = true;
  if (event.key === "F8") {
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  } else if (isCell(cell) && event.key === "Escape") cell.value = initial(cell);
  else if (isCell(cell) && event.key === "Enter" && !event.shiftKey && !event.altKey) {
    if (!cell.options) event.preventDefault();
    setTimeout(saveAndGo, 0, cell); // an open list has its value only afterwards
  }
});
addEventListener("pointerdown", () => {
  byKey = false;
  broken = composing;
});
addEventListener("compositionstart", (event) => (composing = event.target));
addEventListener("compositionend", () => (composing = null));
form.addEventListener("change", ({ target }) => target.options && !byKey && save(target)); // arrow keys pass by other words
form.addEventListener("focusout", ({ target }) => {
  if (!isCell(target) || !document.hasFocus()) return; // whoever looks something up elsewhere comes back
  if (target === broken && isChanged(target)) mark(target, words.half);
  else save(target, "stale" in target.closest("tr").dataset);
  broken = null;
});
addEventListener("submit", (event) => {
  const { target, submitter } = event, { name, value } = submitter ?? {};
  if (!busy && name !== "back" && name !== "mine" && name !== "theirs") return;
  event.preventDefault();
  const cell = byId(`c-${value}`);
  if (target !== form) queue.then(() => target.requestSubmit(submitter));
  else if (name === "mine") saveAndGo(cell);
  else {
    cell.value = initial(cell);
    send(value.split("-")[0], [[name, value]]);
  }
});
addEventListener("click", (event) => {
  const link = event.target.closest("a[href]"), step = event.target.closest("[data-go]")?.dataset.go;
  if (step) go(+step);
  else if (link && busy && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    visit(link.href);
  }
});
addEventListener("beforeunload", (event) => {
  if (busy || all("[data-mine]").length || all("[data-seen]").some(isChanged)) event.preventDefault();
});

document.documentElement.classList.add("scripted");
const start = { "#1": 0, "#-1": -1 }[location.hash], bad = all("[data-bad]");
if (start !== undefined && bad[0]) enter(bad.at(start));
