// A formula that is wider than its box can be scrolled with the keyboard too.
window.addEventListener("load", async () => {
  if (!window.MathJax) return;
  await MathJax.startup.promise;
  for (const formula of document.querySelectorAll("mjx-container")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  }
});
