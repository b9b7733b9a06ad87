// Mounts the gateway's own card element and confirms the payment; the card number never touches this page.
const holder = document.getElementById("pay-element");
const form = document.getElementById("pay-form");

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
  const box = document.getElementById("pay-error");
  box.textContent = text;
  box.hidden = !text;
  if (text) box.focus();
}

function appearance() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const dark = getComputedStyle(document.body).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    theme: dark || document.documentElement.dataset.theme === "dark" ? "night" : "stripe",
    variables: { fontFamily: value("--font") },
  };
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
  element.mount(holder);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    say("");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: returnUrl }, redirect: "if_required" });
    if (error) {
      say(error.message);
      button.disabled = false;
      button.removeAttribute("aria-busy");
    } else {
      window.location.assign(returnUrl);
    }
  });
}

if (holder && form) start();
