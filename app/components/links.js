// Links of our own within the dashboard open without loading it anew. They stay links: with a modifier key, in a new
// tab, or without this script the browser follows them itself.
export default function ({ setTriggerValue }) {
  const follow = (event) => {
    const link = event.target.closest?.("[data-testid='stHtml'] a[href^='/']");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    event.preventDefault();
    setTriggerValue("followed", link.getAttribute("href"));
    const closes = "[data-testid='stSidebarCollapseButton'] button"; // of a narrow window, where the menu hides the page
    if (innerWidth < 768 && link.closest("nav")) document.querySelector(closes)?.click();
  };
  document.addEventListener("click", follow);
  return () => document.removeEventListener("click", follow);
}
