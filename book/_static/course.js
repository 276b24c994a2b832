// What is wider than its box can be scrolled with the keyboard too.
window.addEventListener("load", async () => {
  makeScrollable(document.querySelectorAll("pre, .pst-scrollable-table-container, .text_html"));
  if (!window.MathJax) return;
  await MathJax.startup.promise;
  await document.fonts.ready; // formulas have their width only now
  makeScrollable(document.querySelectorAll("mjx-container"));
});

function makeScrollable(boxes) {
  for (const box of boxes) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
