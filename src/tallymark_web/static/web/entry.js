// Typing into a sheet: keys, paste, checks, drafts, and sending exactly once over a bad connection.
"use strict";
(() => {
const form = document.getElementById("sheet");
if (!form) return;
const words = form.dataset;
const rows = new Map([...form.querySelectorAll("[data-unit]")].map((body) => [body.dataset.unit, body]));
const cells = [...form.querySelectorAll("input[data-item]")];
const items = [...new Set(cells.map((cell) => cell.dataset.item))];
const single = rows.size === 1;
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const status = document.getElementById("status");
const said = document.getElementById("said");
const note = document.getElementById("note");
const send = document.getElementById("send");
const KEEP = `tallymark/typed/${words.keep}`, QUEUE = `tallymark/queue/${words.keep}`;
const answers = new Map(Object.entries(JSON.parse(document.getElementById("failed").textContent).lines));
const changed = new Set();
const sent = new Set();
let timer = 0, busy = false, beforeEdit = "";

// What the browser keeps, so that neither a lost connection nor a closed tab loses anything.
const kept = () => JSON.parse(localStorage.getItem(KEEP) || "{}");
const queue = () => JSON.parse(localStorage.getItem(QUEUE) || "[]");
const store = (key, value, empty) => empty ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(value));
const unitOf = (cell) => cell.closest("[data-unit]").dataset.unit;
const inputs = (unit) => [...rows.get(unit).querySelectorAll("input[data-item]")];
const typed = (unit) => Object.fromEntries(inputs(unit).map((cell) => [cell.dataset.item, cell.value]));
const rowOf = (unit) => ({ items: typed(unit), note: note ? note.value : "", number: Number(rows.get(unit).dataset.number) });

function keep(unit) {
  const all = kept();
  all[unit] = { items: typed(unit), number: Number(rows.get(unit).dataset.number) };
  store(KEEP, all, false);
}
function forget(unit) {
  const all = kept();
  delete all[unit];
  store(KEEP, all, !Object.keys(all).length);
}
function say(text, kind) { if (status) { status.textContent = text; status.className = kind || ""; } }

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST", credentials: "same-origin", redirect: "error", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token },
  });
  if (answer.status === 401 || answer.status === 403) throw new Error("signed out");
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
function failed(error) {
  say(error.message === "signed out" ? words.signedOut : words.offline, "warn");
  form.classList.add("offline");
}

// Drafts and checks: a pause in typing sends the rows that changed.
function touch(cell) {
  const unit = unitOf(cell);
  changed.add(unit); sent.delete(unit); keep(unit); look(cell); tally();
  clearTimeout(timer);
  timer = setTimeout(save, 500);
}
async function save() {
  if (busy || !changed.size) return;
  busy = true;
  const units = [...changed];
  changed.clear();
  say(words.saving);
  try {
    const answer = await post(words.typed, { rows: Object.fromEntries(units.map((unit) => [unit, rowOf(unit)])) });
    form.classList.remove("offline");
    for (const [unit, row] of Object.entries(answer.rows)) {
      if (row.number) rows.get(unit).dataset.number = row.number;
      if (!row.refused && !changed.has(unit)) forget(unit);
      answers.set(unit, row);
      show(unit);
    }
    say(words.saved);
    flush();
  } catch (error) {
    units.forEach((unit) => changed.add(unit));
    failed(error);
  }
  busy = false;
  tally();
  if (changed.size && !form.classList.contains("offline")) { clearTimeout(timer); timer = setTimeout(save, 500); }
}

// A first look without the server: what a cell plainly is.
function look(cell) {
  const text = cell.value.trim();
  const state = !text ? "blank" : /^[?？]$/.test(text) ? "unknown" : /^0+$/.test(text) ? "zero" : "value";
  cell.dataset.state = state;
  cell.title = "";
  cell.removeAttribute("aria-invalid");
}
function show(unit) {
  const row = answers.get(unit) || { cells: {}, checks: [] };
  const broken = new Set((row.checks || []).flatMap((check) => check.items));
  for (const cell of inputs(unit)) {
    look(cell);
    const found = (row.cells || {})[cell.dataset.item];
    if (found) { cell.dataset.state = found.message && found.state !== "wrong" ? "doubt" : found.state; cell.title = found.message; }
    if (found && found.state === "wrong") cell.setAttribute("aria-invalid", "true");
    cell.classList.toggle("broken", broken.has(cell.dataset.item));
  }
  list();
}
function list() {
  said.replaceChildren();
  for (const [unit, row] of answers) {
    const name = single ? "" : rows.get(unit)?.querySelector("th").textContent + ": ";
    const lines = Object.entries(row.cells || {}).filter(([, cell]) => cell.message)
      .map(([item, cell]) => ({ severity: cell.state === "wrong" ? "error" : "warning", message: cell.message, item }));
    lines.push(...(row.checks || []).map((check) => ({ ...check, item: check.items[0] })));
    if (row.refused) lines.push({ severity: "error", message: row.refused });
    for (const line of lines) {
      const entry = document.createElement("li"), mark = document.createElement("span");
      mark.className = `sev ${line.severity}`;
      mark.textContent = line.severity === "error" ? "!" : "?";
      const go = document.createElement("button");
      go.type = "button"; go.className = "link";
      go.textContent = name + line.message + (line.hint ? ` — ${line.hint}` : "");
      go.addEventListener("click", () => inputs(unit).find((cell) => cell.dataset.item === line.item)?.focus());
      entry.append(mark, " ", go);
      said.append(entry);
    }
  }
}
const open = (unit) => !("closed" in rows.get(unit).dataset) && !("readOnly" in words);
const full = (unit) => inputs(unit).every((cell) => cell.value.trim()) && !inputs(unit).some((cell) => cell.dataset.state === "wrong");
const unsent = (unit) => !sent.has(unit) && !["submitted", "accepted", "received"].includes(rows.get(unit).dataset.standing);
const ready = () => [...rows.keys()].filter((unit) => open(unit) && full(unit) && (unsent(unit) || touched.has(unit)));
const touched = new Set();
function tally() {
  if (!send) return;
  const units = ready();
  send.disabled = !units.length;
  document.getElementById("count").textContent = single || !units.length ? "" : `(${units.length})`;
}

// Sending: the key is made once, kept with what it sends, and goes along until the server has answered.
send?.addEventListener("click", () => {
  const units = ready();
  if (!units.length) return;
  const wait = queue();
  wait.push({ key: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`, rows: Object.fromEntries(units.map((unit) => [unit, rowOf(unit)])) });
  store(QUEUE, wait, false);
  units.forEach((unit) => { sent.add(unit); touched.delete(unit); changed.delete(unit); });
  tally();
  flush();
});
let flushing = false;
async function flush() {
  if (flushing) return;
  flushing = true;
  try {
    for (let wait = queue(); wait.length; wait = queue()) {
      say(words.waiting.replace("#", wait.length), "warn");
      const answer = await post(words.send, wait[0]);
      store(QUEUE, wait.slice(1), wait.length === 1);
      form.classList.remove("offline");
      let taken = 0;
      for (const [unit, row] of Object.entries(answer.rows)) {
        const body = rows.get(unit);
        if (row.refused) { answers.set(unit, row); sent.delete(unit); show(unit); continue; }
        taken += 1;
        forget(unit);
        body.dataset.standing = "submitted";
        body.dataset.number = Number(body.dataset.number) + 1;
        const mark = body.querySelector(".row-state .state");
        if (mark) { mark.className = "state submitted"; mark.textContent = "✓"; }
      }
      if (taken) say(words.sent.replace("#", taken), "good");
    }
  } catch (error) { failed(error); }
  flushing = false;
  tally();
}

// Keys and paste.
function grid() {
  return single ? cells.map((cell) => [cell]) : [...rows.keys()].map((unit) => inputs(unit));
}
function place(cell) {
  const table = grid();
  for (let row = 0; row < table.length; row += 1) {
    const column = table[row].indexOf(cell);
    if (column >= 0) return [table, row, column];
  }
  return [table, 0, 0];
}
form.addEventListener("keydown", (event) => {
  const cell = event.target.closest("input[data-item]");
  if (!cell) return;
  const [table, row, column] = place(cell);
  const atStart = cell.selectionStart === 0 && cell.selectionEnd === 0;
  const atEnd = cell.selectionStart === cell.value.length;
  const steps = { Enter: [event.shiftKey ? -1 : 1, 0], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  if (atStart || cell.selectionEnd - cell.selectionStart === cell.value.length) steps.ArrowLeft = [0, -1];
  if (atEnd) steps.ArrowRight = [0, 1];
  if (event.key === "Escape" && cell.value !== beforeEdit) { cell.value = beforeEdit; touch(cell); return; }
  const step = steps[event.key];
  if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const next = (table[row + step[0]] || [])[column + step[1]];
  if (next) { next.focus(); next.select(); }
});
form.addEventListener("paste", (event) => {
  const cell = event.target.closest("input[data-item]");
  const text = event.clipboardData.getData("text/plain");
  if (!cell || cell.readOnly || !/[\t\n]/.test(text.trimEnd())) return;
  event.preventDefault();
  const [table, row, column] = place(cell);
  text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
    const target = (table[row + down] || [])[column + right];
    if (target && !target.readOnly) { target.value = value.trim(); touched.add(unitOf(target)); touch(target); }
  }));
});
form.addEventListener("focusin", (event) => {
  const cell = event.target.closest("input[data-item]");
  if (!cell) return;
  beforeEdit = cell.value;
  const beside = document.getElementById("beside");
  if (!single) beside.textContent = cell.dataset.before ? `${form.querySelector(`#${cell.getAttribute("aria-labelledby").split(" ")[1]}`).textContent.trim()} · ${cell.dataset.before} ←` : "";
});
form.addEventListener("input", (event) => {
  const cell = event.target.closest("input[data-item]");
  if (cell) { touched.add(unitOf(cell)); touch(cell); }
});
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("online", () => { save(); flush(); });
setInterval(() => { if (form.classList.contains("offline")) { save(); flush(); } }, 5000);

// What this browser kept and the server does not have goes back into the cells.
for (const [unit, row] of Object.entries(kept())) {
  if (!rows.has(unit) || !open(unit)) continue;
  const differs = inputs(unit).some((cell) => (row.items[cell.dataset.item] ?? "") !== cell.value);
  if (!differs) { forget(unit); continue; }
  for (const cell of inputs(unit)) cell.value = row.items[cell.dataset.item] ?? "";
  touched.add(unit); changed.add(unit);
  say(words.other, "warn");
}
rows.forEach((_, unit) => show(unit));
tally();
if (changed.size) timer = setTimeout(save, 300);
if (queue().length) flush();
})();
