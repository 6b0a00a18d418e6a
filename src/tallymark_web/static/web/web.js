// What every page needs: figures explained in place, a dialog that closes, a menu that closes.
"use strict";
const dialog = document.getElementById("explain");

document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(event.target)) menu.removeAttribute("open");
  if (event.target.closest("[data-close-dialog]")) dialog.close();
  const figure = event.target.closest("a[data-explain]");
  if (figure && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    explain(figure.href);
  }
});

dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.removeAttribute("open"); menu.querySelector("summary").focus(); }
});

// Pages answer whole; of an explanation only its content is put into the dialog.
async function explain(address) {
  const target = document.getElementById("explanation");
  target.setAttribute("aria-busy", "true");
  target.textContent = "…";
  dialog.showModal();
  try {
    const answer = await fetch(address, { headers: { "X-In-Place": "yes" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    target.replaceChildren(...page.querySelector("[data-explanation]").childNodes);
  } catch {
    target.textContent = document.body.dataset.failed;
  }
  target.removeAttribute("aria-busy");
  target.focus();
}
