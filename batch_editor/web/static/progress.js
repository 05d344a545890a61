// Shows how far a run is as it goes: from a stream of events, or by asking where no stream is to be had.
// A browser has six connections to a host, and each stream takes one: three pages at most hold one, and only while they are seen.
const page = document.querySelector("[data-events]").dataset;
const byId = (id) => document.getElementById(id);
const STREAMS = ["events-1", "events-2", "events-3"], QUIET = 5000, POLL = 2000, POLL_UNSEEN = 10000, ANNOUNCE = 10000;
let source, release, timer, version, wait = "", heard = 0, announced = 0, over = false;

function show(view) {
  heard = Date.now();
  byId("offline").hidden = true;
  if (view.version && view.version === version) return;
  version = view.version;
  document.title = `${view.title} · ${page.suffix}`;
  if (!view.is_at_work || view.state !== page.state) return end(view);
  for (const [id, words] of Object.entries(view.texts)) {
    if (byId(id).textContent !== words) byId(id).textContent = words;
  }
  byId("waiting").classList.toggle("warning", Boolean(view.wait));
  if (view.total) Object.assign(byId("bar"), { max: view.total, value: view.done });
  for (const line of document.querySelectorAll("[data-status]")) {
    const number = view.counts[line.dataset.status];
    line.hidden = !number;
    line.querySelector("dd").textContent = number ?? "0";
  }
  if (view.chart) draw(view.chart);
  if (view.wait !== wait || heard - announced > ANNOUNCE) {
    [wait, announced] = [view.wait, heard];
    byId("announcement").textContent = view.announcement;
  }
}

function draw({ line, area, lines }) {
  byId("rate").hidden = false;
  byId("rate-line").setAttribute("points", line);
  byId("rate-area").setAttribute("points", area);
  byId("rate-lines").replaceChildren(...lines.map((figures) => {
    const row = document.createElement("tr");
    for (const figure of figures) Object.assign(row.insertCell(), { className: "number", textContent: figure });
    return row;
  }));
}

function end(view) {
  over = true;
  close();
  byId("announcement").textContent = view.texts.headline;
  if (page.state === "reading" && view.state === "planned" && !view.has_trouble) return location.replace(page.next);
  if (view.state !== "finished" || view.has_trouble) return location.reload();
  byId("headline").textContent = view.texts.headline;
  Object.assign(byId("bar"), { max: 1, value: 1 });
  byId("done-next").hidden = false;
  timer = setTimeout(() => location.assign(page.next), 2500);
}

function close() {
  source?.close();
  release?.();
  clearTimeout(timer);
  source = release = timer = undefined;
}

function stream() {
  source = new EventSource(page.events);
  const asked = Date.now();
  for (const name of ["progress", "end"]) source.addEventListener(name, (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    byId("offline").hidden = false;
    if (source?.readyState === EventSource.CLOSED) poll();
  });
  timer = setTimeout(() => heard < asked && poll(), QUIET); // somebody on the way keeps the events back
}

async function poll() {
  close();
  try {
    const answer = await fetch(page.poll, { headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) return location.reload();
    show(await answer.json());
  } catch {
    byId("offline").hidden = false;
  }
  if (!over && !source) timer = setTimeout(poll, document.hidden ? POLL_UNSEEN : POLL);
}

async function watch(names = STREAMS) {
  close();
  if (over) return;
  if (document.hidden || !names.length) return poll();
  if (!navigator.locks) return stream();
  const [name, ...others] = names;
  await navigator.locks.request(name, { ifAvailable: true }, (lock) => {
    if (!lock) return watch(others);
    stream();
    return new Promise((resolve) => (release = resolve));
  });
}

document.addEventListener("visibilitychange", () => watch());
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => event.persisted && watch());
watch();
