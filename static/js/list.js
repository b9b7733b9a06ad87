// Lists: selection with its bulk bar and sums, the preview panel, choosing columns, and the keyboard.

const typing = (element) => element?.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const list = () => document.querySelector("[data-list]");
const rows = () => [...(list()?.querySelectorAll("tbody tr") ?? [])];
const here = () => list()?.querySelector("tr.is-here");
const language = document.documentElement.lang || "en";
const locale = `${language}-u-nu-${language.startsWith("bn") ? "beng" : "latn"}`;

// Where one is.
const mark = (row) => {
  here()?.classList.remove("is-here");
  row?.classList.add("is-here");
};
const go = (row) => {
  if (!row) return;
  mark(row);
  const target = row.querySelector("td a[href]") ?? row.querySelector("input") ?? row;
  target.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (peek()?.childElementCount) show(row);
};

// Sums by currency, in ten-thousandths, so that nothing is rounded on the way.
const SCALE = 10000n;
const exact = (text) => {
  const [whole, rest = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole || "0") * SCALE + BigInt(rest.padEnd(4, "0").slice(0, 4));
  return text.startsWith("-") ? -value : value;
};
const figure = (value) => {
  const positive = value < 0n ? -value : value;
  const text = `${positive / SCALE}.${String(positive % SCALE).padStart(4, "0")}`;
  const shown = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(text);
  return value < 0n ? `−${shown}` : shown;
};
const money = (value, currency) => {
  const all = document.createElement("span");
  all.className = "money";
  const [number, code] = ["figure", "code"].map((part) => {
    const span = document.createElement("span");
    span.className = `money-${part}`;
    return span;
  });
  number.textContent = figure(value);
  code.textContent = currency;
  all.append(number, code);
  return all;
};
const sumOf = (chosen) => {
  const sums = new Map();
  chosen.forEach((row) => {
    if (!row.dataset.sum) return;
    const [amount, currency] = row.dataset.sum.split(" ");
    sums.set(currency, (sums.get(currency) ?? 0n) + exact(amount));
  });
  return [...sums].sort().flatMap(([currency, value], index) => (index ? [" · ", money(value, currency)] : [money(value, currency)]));
};

// The bar with what can be done to the chosen rows.
let asked = 0;
const refresh = () => {
  const box = list();
  const bar = box?.querySelector(".bulk");
  if (!bar) return;
  const checks = [...box.querySelectorAll(".row-check")];
  const chosen = checks.filter((check) => check.checked).map((check) => check.closest("tr"));
  const every = bar.querySelector("[data-bulk-all]");
  const words = bar.querySelector("[data-bulk-count]");
  const sums = bar.querySelector("[data-bulk-sums]");
  checks.forEach((check) => { check.disabled = Boolean(every?.checked); });
  words.textContent = every?.checked ? words.dataset.all : `${chosen.length.toLocaleString(locale)} ${words.dataset.words}`;
  if (!every?.checked) sums.replaceChildren(...sumOf(chosen));
  bar.querySelectorAll("[data-when]").forEach((button) => {
    const able = chosen.filter((row) => ` ${row.dataset.able} `.includes(` ${button.dataset.when} `)).length;
    const count = button.querySelector("[data-able-count]");
    count.hidden = every?.checked || able === chosen.length;
    count.textContent = able.toLocaleString(locale);
    button.disabled = !every?.checked && chosen.length > 0 && able === 0;
  });
  bar.classList.toggle("is-open", chosen.length > 0 || Boolean(every?.checked));
  const all = box.querySelector("[data-check-all]");
  all.checked = chosen.length > 0 && chosen.length === checks.length;
  all.indeterminate = chosen.length > 0 && chosen.length < checks.length;
};
const choose = (value, which = list().querySelectorAll(".row-check")) => {
  const every = list().querySelector("[data-bulk-all]");
  if (every) every.checked = false;
  which.forEach((check) => {
    check.disabled = false;
    check.checked = value;
  });
  refresh();
};
const sumUpAll = async (every) => {
  const sums = list().querySelector("[data-bulk-sums]");
  sums.replaceChildren();
  const number = ++asked;
  if (!every.checked || !every.dataset.sums) return;
  const answer = await fetch(every.dataset.sums, { headers: { "HX-Request": "true" } });
  if (answer.ok && number === asked && every.checked) sums.innerHTML = await answer.text();
};

// The preview: a panel beside the list, filled by htmx; without script the link opens the page with it.
const peek = () => document.getElementById("list-peek");
const show = (row) => row?.querySelector("[data-peek-row]")?.click();
const hide = () => {
  peek()?.replaceChildren();
  (here()?.querySelector("td a[href], input") ?? list()?.querySelector("tbody a"))?.focus({ preventScroll: true });
};

let last = null;
document.addEventListener("click", (event) => {
  const check = event.target.closest(".row-check");
  const row = event.target.closest("[data-list] tbody tr");
  if (check) {
    const checks = [...list().querySelectorAll(".row-check")];
    if (event.shiftKey && last?.isConnected) {
      const [from, to] = [checks.indexOf(last), checks.indexOf(check)].sort((a, b) => a - b);
      checks.slice(from, to + 1).forEach((each) => { each.checked = check.checked; });
    }
    last = check;
    mark(row);
    refresh();
  } else if (event.target.closest("[data-check-all]")) choose(event.target.checked);
  else if (event.target.closest("[data-bulk-clear]")) choose(false);
  else if (event.target.closest("[data-peek-close]")) {
    event.preventDefault();
    hide();
  } else if (event.target.closest("[data-peek-row]")) mark(row);
  else if (row?.dataset.href && !event.target.closest("a, button, input, label, summary") && !getSelection().toString()) {
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  }
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-bulk-all]")) return;
  refresh();
  sumUpAll(event.target);
});

// Columns: the arrows move at once, and lines can be dragged; without script each arrow sends the form.
let dragged = null;
const columnLine = (event) => event.target.closest?.("[data-column-list] > li");
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-column-list] button");
  if (!button) return;
  event.preventDefault();
  const line = columnLine(event);
  const other = button.name === "up" ? line.previousElementSibling : line.nextElementSibling;
  if (other) button.name === "up" ? other.before(line) : other.after(line);
  button.focus();
});
document.addEventListener("dragstart", (event) => { dragged = columnLine(event); });
document.addEventListener("dragover", (event) => {
  const line = columnLine(event);
  if (!dragged || !line || line === dragged) return;
  event.preventDefault();
  const box = line.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) line.before(dragged);
  else line.after(dragged);
});
document.addEventListener("dragend", () => { dragged = null; });

// Keys; all of them are named under "?".
const openMenu = (id) => {
  const menu = document.getElementById(id);
  menu?.showPopover({ source: document.querySelector(`[popovertarget="${id}"]`) });
  return Boolean(menu);
};
const onRow = (event) => event.target.matches("body, main, tr, .row-check, [data-list] tbody a");
const keys = {
  j: () => go(rows()[rows().indexOf(here()) + 1] ?? rows()[0]),
  k: () => go(rows()[Math.max(rows().indexOf(here()) - 1, 0)]),
  x: () => {
    const check = here()?.querySelector(".row-check");
    if (!check || check.disabled) return;
    check.checked = !check.checked;
    refresh();
  },
  a: () => {
    const all = list().querySelector("[data-check-all]");
    if (all) choose(!all.checked);
  },
  f: () => openMenu("list-filter"),
  c: () => openMenu("list-columns"),
  e: () => openMenu("list-export"),
  v: () => openMenu("list-views"),
  s: () => list().querySelector("[data-list-search]")?.focus(),
  "[": () => list().querySelector(".tabs a[aria-current]")?.previousElementSibling?.click(),
  "]": () => list().querySelector(".tabs a[aria-current]")?.nextElementSibling?.click(),
  n: () => list().querySelector("a[rel=next]")?.click(),
  p: () => list().querySelector("a[rel=prev]")?.click(),
};
let goes = 0; // after G the next letter leads to another place
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !list()) return;
  if (document.querySelector("dialog[open]") || document.querySelector("[popover]:popover-open")) return;
  if (event.key === "g") goes = Date.now();
  else if (Date.now() - goes < 1500) goes = 0;
  else if (event.key === "Escape" && peek()?.childElementCount) hide();
  else if (event.key === "Escape" && list().querySelector(".bulk.is-open")) choose(false);
  else if (event.key === "Enter" && here()?.dataset.href && event.target.matches("body, main, tr, .row-check")) {
    event.preventDefault();
    location.assign(here().dataset.href);
  } else if (event.key === " " && here() && onRow(event) && !event.target.matches(".row-check")) {
    event.preventDefault();
    if (peek()?.childElementCount) hide();
    else show(here());
  } else if (keys[event.key] && (!event.repeat || "jk".includes(event.key))) {
    event.preventDefault();
    keys[event.key]();
  }
});

// A list that was swapped gives the focus back to the control that had it, else to its own beginning.
const sign = (one) => [one.tagName, one.name ?? "", one.getAttribute("aria-label") ?? one.textContent.replace(/[\d\s]+/g, " ").trim()].join("|");
let held = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const one = document.activeElement;
  held = event.detail.target.id === "list" && list()?.contains(one) ? (one.rel ? "start" : sign(one)) : null;
});
const giveBack = () => {
  const box = list();
  if (held === null || !box || document.activeElement !== document.body) return;
  const same = [...box.querySelectorAll("a, button, input, select")].find((one) => sign(one) === held && one.checkVisibility());
  if (!same) box.tabIndex = -1;
  (same ?? box).focus({ preventScroll: Boolean(same) });
  held = null;
};

refresh();
document.addEventListener("htmx:afterSettle", (event) => {
  refresh();
  giveBack();
  if (event.target.id === "list-peek" && here() === null) peek().querySelector("[data-peek-title]")?.focus();
});
