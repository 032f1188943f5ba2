"use strict";
(() => {
  const map = JSON.parse(document.getElementById("map-data").textContent);
  const assets = new Map(map.assets.map((asset) => [asset.id, asset]));
  const titles = new Map(map.fields.map((field) => [field.key, field]));
  const rows = [...document.querySelectorAll("#assets tbody tr[data-id]")];
  const search = document.getElementById("search");
  const filters = [...document.querySelectorAll("select[data-field]")];
  const count = document.getElementById("count");
  const details = document.getElementById("details");
  const REASONS = {
    not_seen_yet: "not seen yet: nobody asked the device where the sensor could hear the answer",
    not_provided: "not provided: the policy does not say",
    not_observable_passively: "cannot be observed passively: needs an import",
    behind_router: "behind a router: only the router's is on the wire",
    shared_mac: "several devices share this MAC",
  };

  // Text from devices only ever becomes a text node.
  function make(name, text, ...classes) {
    const element = document.createElement(name);
    if (text !== undefined && text !== null) element.textContent = String(text);
    if (classes.length) element.classList.add(...classes);
    return element;
  }
  function table(headings, lines) {
    const made = make("table");
    const head = make("tr");
    for (const heading of headings) head.append(make("th", heading));
    const top = make("thead");
    top.append(head);
    const body = make("tbody");
    for (const line of lines) {
      const row = make("tr");
      for (const cell of line) {
        if (cell instanceof Node) { const place = make("td"); place.append(cell); row.append(place); } else row.append(make("td", cell));
      }
      body.append(row);
    }
    made.append(top, body);
    return made;
  }
  function proof(value) {
    if (!value.evidence || !value.evidence.length) return value.source && value.confidence === "asserted" ? value.source : "";
    return value.evidence.map((part) => `${part.capture} frame${part.frames.length > 1 ? "s" : ""} ${part.frames.join(", ")}`).join(" | ");
  }
  function valueCell(value) {
    if (value.state === "unknown") return make("span", REASONS[value.reason] || value.reason, "unknown-value");
    if (value.state === "not_applicable") return make("span", "does not apply", "unknown-value");
    return value.state === "conflict" ? make("span", `${value.value} (sources disagree)`, "conflict") : make("span", value.value);
  }
  function show(id, move) {
    const asset = assets.get(id);
    if (!asset) return;
    for (const row of rows) row.classList.toggle("chosen", row.dataset.id === id);
    details.replaceChildren();
    details.dataset.id = id;
    details.append(make("h3", asset.name), make("p", `${asset.id} · ${asset.known ? "in the policy" : "not in the policy"}`, "soft"));
    const lines = Object.entries(asset.fields).map(([key, value]) => [
      titles.get(key).number ? `${titles.get(key).number}. ${titles.get(key).title}` : titles.get(key).title,
      valueCell(value),
      value.source ? `${value.source} (${value.confidence})` : "",
      proof(value),
    ]);
    details.append(table(["Field", "Value", "How it is known", "Evidence"], lines));
    if (asset.observations.length) {
      details.append(make("h2", "What was said about it"));
      details.append(table(["Attribute", "Value", "Method", "Confidence", "Times", "First", "Last", "Evidence"],
        asset.observations.map((row) => [row.attribute, row.value, row.method, row.confidence, row.count, row.first, row.last, proof(row)])));
    }
    if (asset.partners.length) {
      details.append(make("h2", "Talks with"));
      details.append(table(["Partner", "As", "Protocol", "First", "Last"], asset.partners.map((row) => {
        const name = make("a", row.name);
        if (assets.has(row.asset)) { name.href = "#details"; name.addEventListener("click", (event) => { event.preventDefault(); show(row.asset, true); }); }
        return [name, row.side, row.protocol, row.first, row.last];
      })));
    }
    if (asset.history.length) {
      details.append(make("h2", "History"));
      details.append(table(["Time", "Event", "Attribute", "From", "To", "By"], asset.history.map((row) => [row.time, row.event, row.attribute, row.from, row.to, row.by])));
    }
    if (move) details.scrollIntoView({ block: "start" });
  }
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const asset = assets.get(row.dataset.id);
      const text = row.dataset.text;
      const fits = words.every((word) => text.includes(word)) && filters.every((select) => {
        if (!select.value) return true;
        if (select.dataset.field === "known") return String(asset.known) === select.value;
        const value = asset.fields[select.dataset.field];
        return (value.value || "").split(" | ").some((part) => part === select.value || part.split(" ")[0] === select.value);
      });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} of ${rows.length} assets`;
  }
  for (const row of rows) {
    const asset = assets.get(row.dataset.id);
    row.dataset.text = JSON.stringify([asset.id, asset.name, Object.values(asset.fields).map((value) => value.value || ""), asset.observations.map((said) => said.value)]).toLowerCase();
    row.addEventListener("click", () => show(row.dataset.id, false));
    row.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(row.dataset.id, false); } });
  }
  for (const box of document.querySelectorAll("svg .asset")) box.addEventListener("click", () => show(box.dataset.id, true));
  for (const select of filters) {
    const found = new Set();
    for (const asset of map.assets) {
      if (select.dataset.field === "known") continue;
      const value = asset.fields[select.dataset.field];
      for (const part of (value.value || "").split(" | ")) if (part) found.add(select.dataset.field === "protocols" ? part.split(" ")[0] : part);
    }
    for (const one of [...found].sort()) { const option = make("option", one); option.value = one; select.append(option); }
    select.addEventListener("change", filter);
  }
  search.addEventListener("input", filter);
  filter();
})();
