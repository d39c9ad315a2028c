// The style of the pages, light and dark, in one column or two, and on paper.
#pragma once
#include <string_view>

namespace lntpay {

inline constexpr std::string_view checkout_style = R"css(
:root{color-scheme:light dark;--ground:#f4f3ef;--card:#fff;--ink:#1c1b19;--soft:#5f5c56;--line:#dedbd3;--accent:#8a4b00;
--on-accent:#fff;--good:#0b6b3a;--bad:#a12a1f}
@media(prefers-color-scheme:dark){:root{--ground:#161513;--card:#211f1c;--ink:#f0ede6;--soft:#a8a398;--line:#3a3732;
--accent:#f0a43c;--on-accent:#1c1307;--good:#5ecb8f;--bad:#ff8d80}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;
text-align:center}
h1{margin:0;font-size:2rem;line-height:1.2;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1.long{font-size:clamp(.875rem,4.6vw,1.25rem)}
h1 small{font-size:1rem;font-weight:400;color:var(--soft)}
p{margin:.5rem 0;overflow-wrap:anywhere}
.payee{display:flex;gap:.6rem;align-items:center;justify-content:center;margin:0 0 .75rem;font-size:1.125rem}
.payee img{border-radius:.5rem;object-fit:cover}
.test{width:fit-content;margin:0 auto .75rem;padding:.1rem .75rem;border:1px dashed var(--soft);border-radius:1rem;
font-size:.875rem;color:var(--soft)}
.soft{color:var(--soft);font-size:.9375rem}
.small{font-size:.8125rem;margin-top:.75rem}
.scroll{max-height:7.5rem;overflow:auto}
.qr{display:block;margin:1rem auto;max-width:20rem;border-radius:.5rem;overflow:hidden;background:#fff}
.qr svg{display:block;width:100%;height:auto}
.button,button{display:block;width:100%;margin:.5rem 0 0;padding:.6rem 1rem;border:1px solid var(--line);border-radius:.6rem;
background:transparent;color:inherit;font:inherit;font-weight:600;text-decoration:none;text-align:center;cursor:pointer}
.first{border-color:transparent;background:var(--accent);color:var(--on-accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[hidden]{display:none}
form{margin:0}
details{margin-top:.75rem;text-align:left}
summary{cursor:pointer;color:var(--soft);font-size:.9375rem}
.wallets{display:flex;flex-wrap:wrap;gap:.5rem 1rem}
a{color:inherit}
.wallets a{padding:.25rem 0}
code{display:block;margin-top:.5rem;padding:.75rem;border:1px solid var(--line);border-radius:.5rem;font-size:.75rem;
overflow-wrap:anywhere;user-select:all}
.id,dd{overflow-wrap:anywhere}
.id{font:.75rem/1.5 ui-monospace,monospace}
.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
dl{margin:1rem 0 .5rem;padding:.25rem 0;border:solid var(--line);border-width:1px 0;text-align:left;font-size:.9375rem}
dl div{display:flex;gap:1rem;justify-content:space-between;padding:.25rem 0}
dt{color:var(--soft);flex:none}
dd{margin:0;text-align:right}
.mark{display:block;width:3.5rem;height:3.5rem;margin:0 auto .75rem;fill:none;stroke:var(--soft);stroke-width:4;stroke-linecap:round;
stroke-linejoin:round}
.good .mark{stroke:var(--good)}
.bad .mark{stroke:var(--bad)}
@media(min-width:52rem){.open{max-width:52rem;display:grid;grid-template:"about qr" auto "act qr" 1fr/1fr 22rem;
column-gap:2rem;padding:2rem}
.about{grid-area:about}.act{grid-area:act}.qr{grid-area:qr;width:100%;max-width:none;margin:0;align-self:center}}
@media print{button,.button,form,#soon{display:none}body{background:none}main{border:0}}
)css";

}  // namespace lntpay
