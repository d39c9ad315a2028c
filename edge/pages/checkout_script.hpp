// The script of the checkout page, which works without it too: countdown, waiting for the payment, copying, and paying with a
// wallet in the browser (WebLN). After a payment it reloads the page from the server.
#pragma once
#include <string_view>

namespace lntpay {

inline constexpr std::string_view checkout_script = R"js(
const page = document.querySelector("main");
const find = (id) => document.getElementById(id);
const say = (text) => { find("said").textContent = text; };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const ends = performance.now() + Number(page.dataset.leftMs);
const tick = () => {
  const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
  const part = (seconds) => String(seconds % 60).padStart(2, "0");
  const hours = Math.floor(left / 3600);
  const clock = hours ? `${hours}:${part(Math.floor(left / 60))}:${part(left)}` : `${Math.floor(left / 60)}:${part(left)}`;
  find("left").textContent = left ? `Expires in ${clock}` : "Expired";
};
tick();
setInterval(tick, 1000);

const watch = async () => {
  for (;;) {
    try {
      const answer = await fetch(page.dataset.status + "?wait=25");
      const seen = answer.ok ? await answer.json() : { status: "pending" };
      if (seen.status !== "pending") return location.reload();
      if (!answer.ok) await pause(5000);
    } catch {
      await pause(2000);
    }
  }
};
watch();

const copy = find("copy");
copy.hidden = false;
copy.onclick = async () => {
  const invoice = find("invoice");
  try {
    await navigator.clipboard.writeText(invoice.textContent);
    say("Copied");
  } catch {
    find("more").open = true;
    getSelection().selectAllChildren(invoice);
    say("Selected. Copy it from here.");
  }
};

const wallet = find("wallet");
const offer = () => { wallet.hidden = !window.webln; };
offer();
addEventListener("webln:ready", offer);
wallet.onclick = async () => {
  try {
    await window.webln.enable();
    await window.webln.sendPayment(find("invoice").textContent);
    say("Sent. Waiting for its arrival.");
  } catch (refused) {
    say(`The wallet did not pay: ${refused.message}`);
  }
};
)js";

}  // namespace lntpay
