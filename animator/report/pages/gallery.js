// Search and order; without this script the page shows every film, the newest first.
(function () {
  const tools = document.querySelector(".tools");
  const list = document.querySelector(".films");
  const search = document.querySelector("#search");
  const order = document.querySelector("#order");
  const count = document.querySelector("#count");
  const films = [...list.children];
  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const film of films) {
      const text = film.textContent.toLowerCase();
      film.hidden = !words.every((word) => text.includes(word));
      shown += film.hidden ? 0 : 1;
    }
    count.textContent = shown + " of " + films.length;
  }
  function sort() {
    const by = order.value;
    const value = (film) => (by === "name" ? film.dataset.name : Number(film.dataset[by]));
    const sorted = [...films].sort((a, b) => (by === "name" ? value(a).localeCompare(value(b)) : value(b) - value(a)));
    list.append(...sorted);
  }
  search.addEventListener("input", show);
  order.addEventListener("change", sort);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  tools.hidden = false;
  show();
})();
