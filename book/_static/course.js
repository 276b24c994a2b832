// What is wider than its box can be scrolled with the keyboard too.
const SCROLLING = "pre, .pst-scrollable-table-container, .text_html, mjx-container";

function makeScrollable() {
  for (const box of document.querySelectorAll(SCROLLING)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

// Boxes have another width in another window, and formulas have theirs once their fonts are there.
window.addEventListener("load", async () => {
  window.addEventListener("resize", makeScrollable);
  document.fonts.addEventListener("loadingdone", makeScrollable);
  if (window.MathJax) await MathJax.startup.promise;
  makeScrollable();
});
