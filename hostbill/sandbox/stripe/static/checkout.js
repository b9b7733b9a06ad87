/* The hosted checkout page: the same element, mounted by ourselves. */
"use strict";
const place = document.getElementById("pay");
const stripe = window.Stripe(place.dataset.key);
const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
const elements = stripe.elements({ clientSecret: place.dataset.secret, appearance: { theme: dark ? "night" : "stripe" } });
elements.create("payment").mount("#element");
place.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = place.querySelector("button");
  button.disabled = true;
  const call = place.dataset.secret.startsWith("seti_") ? stripe.confirmSetup : stripe.confirmPayment;
  const { error } = await call({ elements, confirmParams: { return_url: place.dataset.done } });
  if (error) document.getElementById("problem").textContent = error.message;
  button.disabled = false;
});
