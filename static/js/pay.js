// Mounts the gateway's own element and confirms a payment, or (data-does="setup") that a card is kept. The card number
// never touches this page.
const holder = document.querySelector("[data-element]");
const form = holder?.closest("form");

function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

function say(text) {
  const box = form.querySelector("[role=alert]");
  box.textContent = text;
  box.hidden = !text;
  if (text) box.focus();
}

function appearance() {
  const root = document.documentElement;
  const chosen = root.dataset.theme;
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    theme: dark ? "night" : "stripe",
    variables: { fontFamily: getComputedStyle(root).getPropertyValue("--font").trim() },
  };
}

async function confirm(stripe, elements) {
  const options = { elements, confirmParams: { return_url: holder.dataset.returnUrl }, redirect: "if_required" };
  try {
    return holder.dataset.does === "setup" ? await stripe.confirmSetup(options) : await stripe.confirmPayment(options);
  } catch {
    return { error: { message: holder.dataset.lost } };
  }
}

function wait(button, busy) {
  button.disabled = busy;
  if (busy) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

async function start() {
  const { key, secret, script, returnUrl, failed } = holder.dataset;
  const button = form.querySelector("button[type=submit]");
  try {
    await loadScript(script);
  } catch {
    say(failed);
    return;
  }
  const stripe = window.Stripe(key);
  const elements = stripe.elements({ clientSecret: secret, appearance: appearance(), locale: document.documentElement.lang });
  const element = elements.create("payment");
  element.on("ready", () => {
    button.disabled = false;
    holder.removeAttribute("aria-busy");
  });
  element.on("loaderror", () => say(failed));
  element.mount(holder);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    say("");
    wait(button, true);
    const { error } = await confirm(stripe, elements);
    // Replaced or finished in another tab: the next page says how things stand.
    if (!error || /^(payment|setup)_intent_unexpected_state$/.test(error.code ?? "")) {
      window.location.assign(returnUrl);
      return;
    }
    say(error.message);
    wait(button, false);
  });
}

if (form) start();
