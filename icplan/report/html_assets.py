"""The styles and the script of the HTML reports. Without the script all steps stand one below the other."""

from __future__ import annotations

from typing import Final

COLOURS: Final = """
:root{color-scheme:light dark;--bg:#ffffff;--fg:#1b1f24;--dim:#4d5761;--line:#c9d1d9;--card:#f6f8fa;
--bad:#a40e26;--badbg:#ffebe9;--doubt:#7a4b00;--doubtbg:#fff4d6;--good:#0b5c2a;--goodbg:#dcf7e3;--link:#0550ae;
--taken:#4a6785;--sure:#c4d7ea;--perhaps:#eef3f8;--free:#ffffff;--onheld:#14202b;
--c0:#b9d6f2;--c1:#f3d3a2;--c2:#c3e6bd;--c3:#e3c6ee;--c4:#f4c2c2;--c5:#bfe5e4}
@media (prefers-color-scheme:dark){:root{--bg:#0f1419;--fg:#e6edf3;--dim:#a9b4bf;--line:#3a444e;
--card:#171d24;
--bad:#ff9d97;--badbg:#3d1519;--doubt:#f2cc73;--doubtbg:#3a2d0c;--good:#7ee2a0;--goodbg:#10321c;--link:#79b8ff;
--taken:#8fb3d9;--sure:#37506b;--perhaps:#1d2834;--free:#171d24;--onheld:#f0f5fa;
--c0:#1f4d78;--c1:#6b4812;--c2:#265c2e;--c3:#573a68;--c4:#6e2f36;--c5:#1d5a5c}}
"""

STYLE: Final = (
    COLOURS
    + """*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,"Segoe UI",Roboto,sans-serif}
header,main,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
a{color:var(--link)}
a.skip{position:absolute;left:-999px}
a.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.3rem .6rem}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1{font-size:1.5rem;line-height:1.25;margin:1.2rem 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:1.6rem 0 .4rem;overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:1.3rem 0 .3rem}
h4{font-size:.95rem;margin:0 0 .4rem;overflow-wrap:anywhere}
p{margin:.4rem 0;overflow-wrap:anywhere}
.outcome{display:inline-block;padding:.1rem .5rem;border-radius:.3rem;font-weight:700;border:1px solid}
.bad{color:var(--bad);background:var(--badbg)}
.doubt{color:var(--doubt);background:var(--doubtbg)}
.good{color:var(--good);background:var(--goodbg)}
.dim{color:var(--dim)}
.cause{font-size:1.1rem}
dl{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr;gap:.15rem .8rem;margin:.8rem 0}
dt{color:var(--dim)}
dd.more{grid-column:2}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;margin:.5rem 0;width:100%}
.scroll{overflow-x:auto}
th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
figure{margin:.8rem 0;padding:.8rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;
overflow-x:auto}
figcaption{font-weight:600;margin-bottom:.5rem}
.instances{display:flex;flex-wrap:wrap;gap:1.2rem}
.instance{flex:0 1 22rem;min-width:0}
.instance ul,.legend{list-style:none;padding:0;margin:.3rem 0;font-size:.9rem;color:var(--dim)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem}
.lacks,.waiting{color:var(--bad);font-weight:600}
svg.drawing{width:100%;max-width:344px;height:auto;display:block}
svg text{fill:var(--fg);font-size:12px}
.device text{text-anchor:middle;font-size:11px;fill:var(--onheld)}
.device rect{stroke:var(--dim)}
.device.free rect{fill:var(--free)}
.device.new rect{stroke-width:2;stroke-dasharray:4 2;stroke:var(--fg)}
.join{stroke:var(--fg);stroke-width:4}
.c0 rect{fill:var(--c0)}.c1 rect{fill:var(--c1)}.c2 rect{fill:var(--c2)}
.c3 rect{fill:var(--c3)}.c4 rect{fill:var(--c4)}.c5 rect{fill:var(--c5)}
rect.taken{fill:var(--taken)}
rect.sure{fill:var(--sure)}
rect.perhaps{fill:var(--perhaps);stroke:var(--dim);stroke-dasharray:3 2}
.swatch{display:inline-block;width:1rem;height:.8rem;border:1px solid var(--dim);vertical-align:middle}
.swatch.c0{background:var(--c0)}.swatch.new{border:2px dashed var(--fg)}
.swatch.taken{background:var(--taken)}.swatch.sure{background:var(--sure)}
.swatch.perhaps{background:var(--perhaps);border-style:dashed}
.steps-control{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:.6rem 0}
.steps-control input{flex:1 1 12rem;max-width:30rem}
button{font:inherit;padding:.2rem .7rem;border:1px solid var(--dim);border-radius:.3rem;
background:var(--card);color:var(--fg)}
li{margin:.25rem 0;overflow-wrap:anywhere}
code{overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:var(--card);border:1px solid var(--line);padding:.4rem .6rem}
footer{color:var(--dim);font-size:.85rem;padding-bottom:2rem}
@media (max-width:30rem){th,td{padding-right:.4rem;font-size:.85rem}}
.number{white-space:nowrap}
@media print{.steps-control{display:none}[hidden]{display:block !important}}
"""
)

PLOT_STYLE: Final = """
.plot{width:100%;min-width:36rem;max-width:880px;height:auto;display:block}
.plot text{fill:var(--fg);font:13px system-ui,"Segoe UI",Roboto,sans-serif}
.plot .dim text,.plot text.dim{fill:var(--dim);font-size:12px}
.plot text.head{font-weight:700}
.plot text.count{text-anchor:end}
.plot line{stroke:var(--line)}
.plot rect.ground{fill:var(--bg)}
.plot rect.steady{fill:var(--taken)}
.plot rect.peak{fill:var(--perhaps);stroke:var(--taken);stroke-dasharray:4 2}
.plot .chosen text{font-weight:700}
.plot .chosen rect.steady{fill:var(--good)}
.plot .chosen rect.peak{stroke:var(--good)}
"""
"""Of a plot of costs, in a page or in a file of its own."""

SCRIPT: Final = """
for (const steps of document.querySelectorAll("[data-steps]")) {
  const figures = [...steps.querySelectorAll(":scope > .step")];
  if (figures.length < 2) continue;
  const bar = document.createElement("div"), range = document.createElement("input");
  const label = document.createElement("label"), said = document.createElement("output");
  const back = document.createElement("button"), on = document.createElement("button");
  bar.className = "steps-control";
  range.type = "range"; range.min = 0; range.max = figures.length - 1; range.step = 1;
  range.id = steps.id + "-range"; label.htmlFor = range.id; label.textContent = "Step";
  back.type = on.type = "button"; back.textContent = "Back"; on.textContent = "Next";
  said.setAttribute("aria-live", "polite");
  const show = (number) => {
    const at = Math.max(0, Math.min(figures.length - 1, number));
    figures.forEach((one, index) => { one.hidden = index !== at; });
    range.value = at; said.textContent = figures[at].dataset.name;
    range.setAttribute("aria-valuetext", figures[at].dataset.name);
    back.disabled = at === 0; on.disabled = at === figures.length - 1;
  };
  range.addEventListener("input", () => show(Number(range.value)));
  back.addEventListener("click", () => show(Number(range.value) - 1));
  on.addEventListener("click", () => show(Number(range.value) + 1));
  bar.append(label, range, back, on, said); steps.prepend(bar);
  show(Number(steps.dataset.steps));
}
"""
