// The style of the checkout page, light and dark.
#pragma once
#include <string_view>

namespace lntpay {

inline constexpr std::string_view checkout_style = R"css(
:root{color-scheme:light dark;--ground:#f4f3ef;--card:#fff;--ink:#1c1b19;--soft:#65625c;--line:#dedbd3;--accent:#8a4b00;
--on-accent:#fff;--good:#0b6b3a;--bad:#a12a1f}
@media(prefers-color-scheme:dark){:root{--ground:#161513;--card:#211f1c;--ink:#f0ede6;--soft:#a8a398;--line:#3a3732;
--accent:#f0a43c;--on-accent:#1c1307;--good:#5ecb8f;--bad:#ff8d80}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;
text-align:center}
h1{margin:0;font-size:2rem;line-height:1.2;font-variant-numeric:tabular-nums}
h1 small{font-size:1rem;font-weight:400;color:var(--soft)}
p{margin:.5rem 0;overflow-wrap:anywhere}
.test{width:fit-content;margin:0 auto 1rem;padding:.1rem .75rem;border:1px dashed var(--soft);border-radius:1rem;
font-size:.875rem;color:var(--soft)}
.soft{color:var(--soft);font-size:.9375rem}
.qr{display:block;margin:1rem auto;max-width:20rem;padding:0;border-radius:.5rem;overflow:hidden;background:#fff}
.qr svg{display:block;width:100%;height:auto}
.button,button{display:block;width:100%;margin:.5rem 0 0;padding:.7rem 1rem;border:1px solid var(--line);border-radius:.6rem;
background:transparent;color:inherit;font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.first{border-color:transparent;background:var(--accent);color:var(--on-accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[hidden]{display:none}
form{margin:0}
details{margin-top:1rem;text-align:left}
summary{cursor:pointer;color:var(--soft);font-size:.9375rem}
code{display:block;margin-top:.5rem;padding:.75rem;border:1px solid var(--line);border-radius:.5rem;font-size:.75rem;
overflow-wrap:anywhere;user-select:all}
.mark{display:block;width:4rem;height:4rem;margin:0 auto 1rem;fill:none;stroke:var(--soft);stroke-width:4;stroke-linecap:round;
stroke-linejoin:round}
.good .mark{stroke:var(--good)}
.bad .mark{stroke:var(--bad)}
)css";

}  // namespace lntpay
