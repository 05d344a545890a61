// Shows how far a run is as it goes: from a stream of events, or by asking where no stream is to be had.
// A browser has six connections to a host, and each stream takes one: three pages at most hold one, and only while they are seen.
const page = document.querySelector("[data-events]");
const element = (id) => document.getElementById(id);
const STREAMS = ["events-1", "events-2", "events-3"], QUIET = 5000, POLL = 2000, POLL_UNSEEN = 10000, SAY = 10000;
let source, release, timer, seen = "", state = page.dataset.state, heard = 0, said = 0, wait = "", over = false;

function show(view) {
  heard = Date.now();
  element("offline").hidden = true;
  if (view.version && view.version === seen) return;
  seen = view.version;
  document.title = `${view.title} · ${page.dataset.suffix}`;
  if (!view.is_at_work || view.state !== state) return end(view);
  for (const [id, words] of Object.entries(view.texts)) {
    if (element(id).textContent !== words) element(id).textContent = words;
  }
  element("waiting").classList.toggle("warning", Boolean(view.wait));
  if (view.total) Object.assign(element("bar"), { max: view.total, value: view.done });
  for (const line of document.querySelectorAll("[data-status]")) {
    const number = view.counts[line.dataset.status];
    line.hidden = !number;
    line.querySelector("dd").textContent = number ?? "0";
  }
  if (view.chart) draw(view.chart);
  if (view.wait !== wait || Date.now() - said > SAY) {
    [wait, said] = [view.wait, Date.now()];
    element("said").textContent = view.said;
  }
}

function draw(chart) {
  element("rate").hidden = false;
  element("rate-line").setAttribute("points", chart.line);
  element("rate-area").setAttribute("points", chart.area);
  const lines = element("rate-lines");
  while (lines.rows.length > chart.lines.length) lines.deleteRow(-1);
  chart.lines.forEach((figures, place) => {
    const row = lines.rows[place] ?? lines.insertRow();
    figures.forEach((figure, column) => {
      const cell = row.cells[column] ?? row.insertCell();
      cell.className = "number";
      cell.textContent = figure;
    });
  });
}

function end(view) {
  over = true;
  close();
  element("said").textContent = view.texts.headline;
  if (state === "reading" && view.state === "planned" && !view.has_trouble) return location.replace(page.dataset.next);
  if (view.state !== "finished" || view.has_trouble) return location.reload();
  element("headline").textContent = view.texts.headline;
  Object.assign(element("bar"), { max: 1, value: 1 });
  element("done-next").hidden = false;
  timer = setTimeout(() => location.assign(page.dataset.next), 2500);
}

function close() {
  source?.close();
  release?.();
  clearTimeout(timer);
  source = release = timer = undefined;
}

function stream() {
  source = new EventSource(page.dataset.events);
  const asked = Date.now();
  source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
  source.addEventListener("end", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    element("offline").hidden = false;
    if (source?.readyState === EventSource.CLOSED) { close(); poll(); }
  });
  timer = setTimeout(() => { if (heard < asked) { close(); poll(); } }, QUIET);  // somebody on the way keeps the events back
}

async function poll() {
  try {
    const answer = await fetch(page.dataset.poll, { headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) return location.reload();
    show(await answer.json());
  } catch {
    element("offline").hidden = false;
  }
  if (!over && !source) timer = setTimeout(poll, document.hidden ? POLL_UNSEEN : POLL);
}

function watch() {
  close();
  if (over) return;
  if (document.hidden || !navigator.locks) return document.hidden ? poll() : stream();
  const attempt = async ([name, ...others]) => {
    if (!name) return poll();
    await navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return attempt(others);
      stream();
      return new Promise((resolve) => { release = resolve; });
    });
  };
  attempt(STREAMS);
}

document.addEventListener("visibilitychange", watch);
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => { if (event.persisted) watch(); });
watch();
