/* Sorting, finding a place, explanations in place. Everything works without it, by links and open/close elements. */
(() => {
  "use strict";
  const framed = window.name === "tallymark-why";

  /* A cell's value for sorting: a number where there is one; the kinds of nothing come last either way. */
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return null;
    const hidden = cell.querySelector("i");
    const text = (hidden ? "" : cell.textContent).replace(/[,\s]/g, "").replace(/\u2212/g, "-");
    const number = parseFloat(text);
    return text === "" ? null : Number.isNaN(number) ? cell.textContent.trim() : number;
  };
  const compare = (a, b, down) => {
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);
    return down ? -order : order;
  };
  const columnOf = (heading) => {
    const rows = [...heading.closest("thead").rows];
    const plain = [...heading.parentNode.cells].indexOf(heading);
    return heading.parentNode === rows[0] ? plain : plain + [...rows[0].cells].filter((cell) => cell.rowSpan > 1).length;
  };
  const sort = (table, heading) => {
    const column = columnOf(heading);
    const now = heading.getAttribute("aria-sort");
    const first = typeof valueOf(table.tBodies[0].rows[0], column) === "number" ? "descending" : "ascending";
    const next = now ? (now === "ascending" ? "descending" : "ascending") : first;
    table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", next);
    const rows = [...table.tBodies[0].rows].map((row, i) => [valueOf(row, column), i, row]);
    rows.sort((a, b) => compare(a[0], b[0], next === "descending") || a[1] - b[1]);
    table.tBodies[0].append(...rows.map((entry) => entry[2]));
  };
  document.querySelectorAll("table[data-sort]").forEach((table) => {
    table.querySelectorAll("thead th[scope=col]").forEach((heading) => {
      const label = heading.querySelector("span");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = (label || heading).textContent;
      if (label) label.replaceWith(button); else heading.replaceChildren(button);
      button.addEventListener("click", () => sort(table, heading));
    });
  });

  document.querySelectorAll("input[data-filter]").forEach((input) => {
    const items = [...document.querySelectorAll(input.dataset.filter)];
    input.closest("[hidden]").hidden = false;
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      items.forEach((item) => { item.hidden = wanted !== "" && !item.textContent.toLocaleLowerCase().includes(wanted); });
    });
  });

  /* Opens whatever holds the element that the address points at (older browsers don't by themselves). */
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return null;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const inside = target.closest("summary");
    if (inside) inside.parentElement.open = true;
    return target;
  };

  /* Inside of a frame only the explanation itself is shown, whole pages open outside. */
  const focusOn = (target) => {
    document.documentElement.classList.add("framed");
    const shown = target.closest("article, .why, details, section") || target;
    const row = target.closest("tbody tr");
    document.querySelectorAll("main .away").forEach((element) => element.classList.remove("away"));
    if (row && shown.contains(row)) [...row.parentNode.rows].forEach((other) => other.classList.toggle("away", other !== row));
    for (let at = shown; at.id !== "main" && at.parentElement; at = at.parentElement) {
      [...at.parentElement.children].forEach((other) => { if (other !== at && !other.matches("summary, .kicker, h1, .banner, .watermark")) other.classList.add("away"); });
    }
    window.scrollTo(0, 0);
  };
  const arrive = () => { const target = reveal(); if (target && framed) focusOn(target); else if (target) target.scrollIntoView(); };
  window.addEventListener("hashchange", arrive);
  arrive();
  if (framed) {
    window.addEventListener("keydown", (event) => { if (event.key === "Escape") window.parent.postMessage("close", "*"); });
    document.querySelectorAll("a[href]:not(.fig):not(.in)").forEach((link) => { if (!link.getAttribute("href").startsWith("#")) link.setAttribute("target", "_top"); });
    return;
  }

  if (!("HTMLDialogElement" in window)) return;
  let dialog, frame, whole, opener;
  const make = () => {
    const words = document.body.dataset;
    dialog = document.createElement("dialog");
    dialog.innerHTML = '<header><h2 id="why-title"></h2><p><a></a> <button type="button" autofocus></button></p></header><iframe name="tallymark-why"></iframe>';
    dialog.setAttribute("aria-labelledby", "why-title");
    dialog.querySelector("h2").textContent = words.how;
    whole = dialog.querySelector("a");
    whole.textContent = words.open;
    dialog.querySelector("button").textContent = words.close;
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => { frame.src = "about:blank"; if (opener) opener.focus(); });
    frame = dialog.querySelector("iframe");
    frame.title = words.how;
    window.addEventListener("message", (event) => { if (event.source === frame.contentWindow && event.data === "close") dialog.close(); });
    document.body.append(dialog);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.fig");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || !link.hash) return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    if (!dialog) make();
    opener = link;
    whole.href = link.href;
    frame.src = link.href;
    dialog.showModal();
  });
})();
