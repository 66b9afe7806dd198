// Arabic and Persian keyboards write one word by two alphabets; the index has the Persian one.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches?.("[data-md-component=search-query]")) {
    const folded = field.value.replace(/[يى]/g, "ی").replace(/ك/g, "ک").replace(/ة/g, "ه");
    if (folded !== field.value) field.value = folded;
  }
}, true);
