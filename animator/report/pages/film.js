// Puts the page's newest state in place of the old one; without this script the browser loads it anew.
(function () {
  async function look() {
    const page = document.querySelector("#page");
    if (page.dataset.live !== "yes" || !location.protocol.startsWith("http")) {
      return;
    }
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) {
        const other = new DOMParser().parseFromString(await answer.text(), "text/html");
        page.replaceWith(other.querySelector("#page"));
        document.title = other.title;
      }
    } catch (error) {
      page.dataset.gone = "yes";
    }
    setTimeout(look, 2000);
  }
  setTimeout(look, 2000);
})();
