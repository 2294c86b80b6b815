/* What Streamlit says in English only, said in French; numbers and dates of widgets in the page's language. */
(function () {
  "use strict";
  // Without this the page first asks for /objectif/_stcore/health, then for /_stcore/health.
  window.__streamlit = { BACKEND_BASE_URL: window.location.origin + "/" };
  // Charts are drawn on the server: a narrow screen is told to it by this cookie.
  document.cookie = "cap_etroit=" + (window.innerWidth < 700 ? "1" : "0") + "; path=/; SameSite=Lax";
  // A list whose options are addresses leads to the one chosen; arrows open it, so that it does not leave at each step.
  const listOf = (event) => event.target.closest && event.target.closest("select[data-cap-go]");
  document.addEventListener("change", (event) => {
    const list = listOf(event);
    if (list && list.value.startsWith("/") && !list.value.startsWith("//")) window.location.assign(list.value);
  });
  document.addEventListener("keydown", (event) => {
    const list = listOf(event);
    if (list && ["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) && list.showPicker) {
      event.preventDefault();
      list.showPicker();
    }
  });
  // The gate closed this page: go where it says to, instead of staying before a page that answers nothing.
  // Not while somebody is leaving by themselves: signing out closes the page as well.
  let isLeaving = false;
  window.addEventListener("beforeunload", () => { isLeaving = true; setTimeout(() => { isLeaving = false; }, 5000); });
  const askWhy = () => fetch("/_stcore/host-config")
    .then((answer) => { if (!isLeaving && (answer.status === 401 || answer.status === 403)) window.location.reload(); })
    .catch(() => {});
  // While the server makes the page, the scripts of its elements are made ready (web/shell.py).
  const connected = new MutationObserver(() => {
    const app = document.querySelector("[data-test-connection-state=CONNECTED]");
    if (!app) return;
    connected.disconnect();
    for (const link of document.querySelectorAll("link[data-cap-needed]")) import(link.href);
    new MutationObserver(askWhy).observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
  });
  connected.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-test-connection-state"] });
  if (document.documentElement.lang !== "fr") return;
  for (const [name, value] of [["language", "fr-FR"], ["languages", ["fr-FR", "fr"]]]) {
    Object.defineProperty(Navigator.prototype, name, { get: () => value, configurable: true });
  }
  const words = new Map([
    ["Upload", "Choisir un fichier"],
    ["Browse files", "Choisir un fichier"],
    ["Drag and drop file here", "Glissez le fichier ici"],
    ["or drag and drop", "ou glissez-le ici"],
    ["Remove file", "Retirer le fichier"],
    ["Choose an option", "Choisir"],
    ["No results", "Aucun résultat"],
    ["Running...", "Un instant…"],
    ["Stop", "Arrêter"],
    ["Page not found", "Page introuvable"],
    ["Connection error", "Connexion interrompue"],
    ["Skip to main content", "Aller au contenu"],
    ["Main menu", "Menu"],
    ["App pages", "Pages"],
    ["Link to heading", "Lien vers ce titre"],
    ["Rerun", "Relancer"],
    ["Print", "Imprimer"],
    ["Close", "Fermer"],
    ["Clear all", "Tout effacer"],
    ["Clear value", "Effacer"],
    ["Fullscreen", "Plein écran"],
    ["Press Enter to apply", "Entrée pour valider"],
    ["Copy to clipboard", "Copier"],
    ["Copied", "Copié"],
    ["Open", "Ouvrir la liste"],
    ["Choose date", "Choisir le jour"],
    ["Previous month", "Mois précédent"],
    ["Next month", "Mois suivant"],
    ["Press Ctrl+Enter to apply", "Ctrl+Entrée pour valider"],
    ["Press ⌘+Enter to apply", "⌘+Entrée pour valider"],
    ["Choose options", "Choisir"],
    ["Select all", "Tout choisir"],
    ["open", "ouvrir"],
    ["close", "fermer"],
    ["Open sidebar", "Ouvrir le menu"],
    ["Close sidebar", "Fermer le menu"],
    ["Expand sidebar", "Ouvrir le menu"],
    ["Collapse sidebar", "Fermer le menu"],
  ]);
  const rules = [
    [/^(\d+(?:\.\d+)?)\s?MB per file(?: • (.*))?$/, (_, n, kinds) => `${n} Mo par fichier` + (kinds ? ` • ${kinds}` : "")],
    [/^Limit (\d+)MB per file(?: • (.*))?$/, (_, n, kinds) => `${n} Mo par fichier` + (kinds ? ` • ${kinds}` : "")],
    [/^(\d+(?:\.\d+)?)KB$/, (_, n) => `${n.replace(".", ",")} Ko`],
    [/^(\d+(?:\.\d+)?)MB$/, (_, n) => `${n.replace(".", ",")} Mo`],
    [/^(\d+(?:\.\d+)?)B$/, (_, n) => `${n.replace(".", ",")} octets`],
    [/^Remove (.+)$/, (_, name) => `Retirer ${name}`],
    [/^Selected (.+)\. (.+)$/, (_, chosen, label) => `${chosen} choisi. ${label}`],
    [/^(\d+)\/(\d+)$/, (_, n, most) => `${n}/${most}`],
    [/^Choose date, (.+)$/, (_, month) => `Choisir le jour, ${month}`],
    [/^(day|month|year), (.+)$/, (_, part, label) => `${{ day: "jour", month: "mois", year: "année" }[part]}, ${label}`],
    [/^Press (Ctrl|⌘)\+Enter to (?:submit form|apply)$/, (_, key) => `${key}+Entrée pour envoyer`],
    [/^File must be (.+) or smaller\.$/, (_, size) => `Le fichier doit faire ${size} au plus.`],
  ];
  function inFrench(text) {
    const bare = text.trim();
    if (words.has(bare)) return text.replace(bare, words.get(bare));
    for (const [shape, say] of rules) if (shape.test(bare)) return text.replace(bare, bare.replace(shape, say));
    return text;
  }
  const XHTML = "http://www.w3.org/1999/xhtml";
  const OURS = "[data-testid=stHtml], [data-testid=stPlotlyChart], script, style";
  function translate(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      const french = inFrench(node.data);
      if (french !== node.data) node.data = french;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.namespaceURI !== XHTML || node.matches(OURS)) return;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const value = node.getAttribute(name);
      if (value && inFrench(value) !== value) node.setAttribute(name, inFrench(value));
    }
    for (const child of node.childNodes) translate(child);
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      const at = change.target.nodeType === Node.ELEMENT_NODE ? change.target : change.target.parentElement;
      if (at && at.closest(OURS)) continue;
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else translate(change.target);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-label", "title", "placeholder"] });
})();
