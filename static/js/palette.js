// Ctrl-K: search or jump. Results come from the server as HTML; without script the search page does the same.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const results = dialog?.querySelector(".palette-results");
const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]");
let asked = 0;

const links = () => [...results.querySelectorAll("a")];
const select = (link) => {
  links().forEach((each) => each.setAttribute("aria-selected", String(each === link)));
  if (!link) return;
  link.id ||= `palette-${links().indexOf(link)}`;
  input.setAttribute("aria-activedescendant", link.id);
  link.scrollIntoView({ block: "nearest" });
};

const search = async () => {
  const number = ++asked;
  const answer = await fetch(`${dialog.dataset.search}?palette=1&q=${encodeURIComponent(input.value)}`, { headers: { "X-Requested-With": "palette" } });
  const html = answer.ok ? await answer.text() : "";
  if (number !== asked) return;
  results.innerHTML = html;
  links().forEach((each) => {
    each.setAttribute("role", "option");
    each.tabIndex = -1;
  });
  select(links()[0]);
};

const open = () => {
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  if (!results.childElementCount) search();
};

if (dialog) {
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  input.addEventListener("keydown", (event) => {
    const all = links();
    const index = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      select(all[(index + step + all.length) % all.length]);
    } else if (event.key === "Enter" && all[index]) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(all[index].href, "_blank", "noopener");
      else location.assign(all[index].href);
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
}

let waiting = 0;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && dialog) {
    event.preventDefault();
    open();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() - waiting < 1500) {
    waiting = 0;
    const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      location.assign(place.href);
    }
  } else if (event.key === "g") waiting = Date.now();
  else if (event.key === "/" && dialog) {
    event.preventDefault();
    open();
  } else if (event.key === "?") document.getElementById("keys")?.showModal();
});
