"use strict";
(() => {
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const tree = document.getElementById("tree");
  const branches = [...tree.querySelectorAll(".branch")];
  const leaves = [...tree.querySelectorAll(".leaf")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
  }));

  // Every word must stand somewhere in the resource: its name, its type, its inputs.
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const leaf of leaves) {
      const matches = words.every((word) => leaf.text.includes(word));
      leaf.element.hidden = !matches;
      count += matches;
    }
    for (const branch of branches) {
      branch.hidden = branch.querySelector(".leaf:not([hidden])") === null;
      branch.open = words.length > 0 && !branch.hidden;
    }
    found.textContent = words.length === 0 ? "" : `${count} of ${leaves.length}`;
  };

  const unfoldTo = (element) => {
    for (let at = element; at !== null && at !== tree; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) at.open = true;
    }
  };

  search.addEventListener("input", apply);
  document.getElementById("unfold").addEventListener("click", () => branches.forEach((each) => { each.open = true; }));
  document.getElementById("fold").addEventListener("click", () => {
    for (const each of tree.querySelectorAll("details")) each.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      apply();
    }
  });

  // A link to a resource leads there although it is folded away, or hidden by a search.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target === null || !tree.contains(target)) return;
    if (target.hidden) {
      search.value = "";
      apply();
    }
    unfoldTo(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  // A browser that goes back may restore what was typed.
  apply();
  follow();
})();
