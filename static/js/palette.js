// Ctrl-K: search or jump. Results come from the server as HTML; without script the search page does the same.
// Also the keys (/, g x, ?) and the bell, whose links lead to pages of their own when there is no script.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const results = dialog?.querySelector(".palette-results");
const scope = dialog?.querySelector(".palette-scope");
const keys = document.getElementById("keys");
const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]");
const html = async (url) => {
  const answer = await fetch(url, { headers: { "X-Requested-With": "palette" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.text();
};

// Pages of objects seen lately: kept in this browser for this person, forgotten at sign-out.
const MOST_RECENT = 7;
const store = `seen:${dialog?.dataset.person}`;
const recent = () => {
  try {
    return JSON.parse(localStorage.getItem(store)) || [];
  } catch {
    return [];
  }
};
const remember = () => {
  const title = document.querySelector("main h1")?.textContent.trim();
  if (!title || !/^\/staff\/[a-z-]+\/\d+\/$/.test(location.pathname)) return;
  const icon = document.querySelector(".side-link[aria-current] use")?.getAttribute("href").split("#")[1] || "history";
  const others = recent().filter((each) => each.url !== location.pathname);
  localStorage.setItem(store, JSON.stringify([{ url: location.pathname, title, icon }, ...others].slice(0, MOST_RECENT)));
};
const recentLinks = () => {
  const seen = recent().filter((each) => each.url !== location.pathname);
  if (!seen.length) return;
  const heading = document.createElement("h2");
  heading.textContent = dialog.dataset.recent;
  const lines = seen.map(({ url, title, icon }) => {
    const line = document.createElement("a");
    const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${dialog.dataset.sprite}#${icon}`);
    sign.setAttribute("class", "icon");
    sign.setAttribute("aria-hidden", "true");
    sign.append(use);
    const words = document.createElement("bdi");
    words.textContent = title;
    line.href = url;
    line.append(sign, words);
    return line;
  });
  results.prepend(heading, ...lines);
};

const links = () => [...results.querySelectorAll("a")];
const select = (link) => {
  links().forEach((each) => each.setAttribute("aria-selected", String(each === link)));
  if (!link) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  link.id ||= `palette-${links().indexOf(link)}`;
  input.setAttribute("aria-activedescendant", link.id);
  link.scrollIntoView({ block: "nearest" });
};

let asked = 0;
const search = async () => {
  const number = ++asked;
  const began = performance.now();
  const query = new URLSearchParams({ palette: "1", q: input.value, in: scope.dataset.scope });
  let found;
  try {
    found = await html(`${dialog.dataset.search}?${query}`);
  } catch {
    found = "";
  }
  if (number !== asked) return;
  results.innerHTML = found;
  if (!found) results.textContent = dialog.dataset.wait;
  const count = results.querySelector("[data-count]")?.textContent.trim() || "";
  const spent = `${Math.round(performance.now() - began)} ms`;
  dialog.querySelector(".palette-foot [data-count]").textContent = count && input.value ? `${count}, ${spent}` : "";
  if (!input.value.trim() && !scope.dataset.scope) recentLinks();
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
  search();
};

const nextScope = () => {
  const all = [...scope.querySelectorAll("[data-key]")];
  const now = all.findIndex((each) => !each.hidden);
  all[now].hidden = true;
  const next = all[(now + 1) % all.length];
  next.hidden = false;
  scope.dataset.scope = next.dataset.key;
  input.focus();
  search();
};

if (dialog) {
  remember();
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 90);
  });
  scope.addEventListener("click", nextScope);
  input.addEventListener("keydown", (event) => {
    const all = links();
    const index = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      select(all[(index + step + all.length) % all.length]);
    } else if (event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      nextScope();
    } else if (event.key === "Enter" && all[index]) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(all[index].href, "_blank", "noopener");
      else location.assign(all[index].href);
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action")?.endsWith("/logout/")) localStorage.removeItem(store);
  });
}

const showKeys = async () => {
  const body = keys.querySelector("[data-keys-body]");
  if (!body.childElementCount) body.innerHTML = await html(`${keys.dataset.keys}?dialog=1`);
  keys.showModal();
};
document.addEventListener("click", async (event) => {
  const bell = event.target.closest("[data-bell]");
  if (!bell || event.ctrlKey || event.metaKey) return;
  const menu = document.getElementById("bell-menu");
  event.preventDefault();
  try {
    menu.querySelector("[data-bell-body]").innerHTML = await html(`${bell.href}?menu=1`);
    menu.showPopover();
    menu.querySelector("a")?.focus();
  } catch {
    location.assign(bell.href);
  }
});

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
  } else if (event.key === "?" && keys) showKeys().catch(() => location.assign(keys.dataset.keys));
});
