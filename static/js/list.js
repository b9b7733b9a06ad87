// Lists: selection with its bulk bar, and the keyboard (j, k, x, Enter, f).

const typing = (element) => element?.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const list = () => document.querySelector("[data-list]");
const rows = () => [...(list()?.querySelectorAll("tbody tr") ?? [])];
const here = () => list()?.querySelector("tr.is-here");

const go = (row) => {
  if (!row) return;
  here()?.classList.remove("is-here");
  row.classList.add("is-here");
  const target = row.querySelector("a, input") ?? row;
  target.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
};

const refresh = () => {
  const box = list();
  const bar = box?.querySelector(".bulk");
  if (!bar) return;
  const checks = [...box.querySelectorAll(".row-check")];
  const chosen = checks.filter((check) => check.checked).length;
  const words = bar.querySelector("[data-bulk-count]");
  words.textContent = `${chosen.toLocaleString(document.documentElement.lang)} ${words.dataset.words}`;
  bar.hidden = chosen === 0;
  const all = box.querySelector("[data-check-all]");
  all.checked = chosen > 0 && chosen === checks.length;
  all.indeterminate = chosen > 0 && chosen < checks.length;
};

let last = null;
document.addEventListener("click", (event) => {
  const check = event.target.closest(".row-check");
  if (check) {
    const checks = [...list().querySelectorAll(".row-check")];
    if (event.shiftKey && last) {
      const [from, to] = [checks.indexOf(last), checks.indexOf(check)].sort((a, b) => a - b);
      checks.slice(from, to + 1).forEach((each) => { each.checked = check.checked; });
    }
    last = check;
    refresh();
  } else if (event.target.closest("[data-check-all]")) {
    const value = event.target.checked;
    list().querySelectorAll(".row-check").forEach((each) => { each.checked = value; });
    refresh();
  } else if (event.target.closest("[data-bulk-clear]")) {
    list().querySelectorAll(".row-check").forEach((each) => { each.checked = false; });
    refresh();
  } else {
    const row = event.target.closest("[data-list] tr[data-href]");
    if (row && !event.target.closest("a, button, input, label") && !getSelection().toString()) location.assign(row.dataset.href);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !list() || document.querySelector("dialog[open]")) return;
  const all = rows();
  const index = all.indexOf(here());
  if (event.key === "j") go(all[index + 1] ?? all[0]);
  else if (event.key === "k") go(all[Math.max(index - 1, 0)]);
  else if (event.key === "x") {
    const check = here()?.querySelector(".row-check");
    if (check) {
      check.checked = !check.checked;
      refresh();
    }
  } else if (event.key === "Enter" && here() && event.target.matches("body, tr, .row-check")) {
    event.preventDefault();
    if (here().dataset.href) location.assign(here().dataset.href);
  } else if (event.key === "f") {
    const menu = document.getElementById("list-filter");
    if (menu) {
      event.preventDefault();
      menu.showPopover({ source: document.querySelector('[popovertarget="list-filter"]') });
    }
  }
});

refresh();
document.addEventListener("htmx:afterSettle", refresh);
