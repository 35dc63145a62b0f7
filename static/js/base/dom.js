// Finds elements that a page must have, so that what is missing is an error at once.

/**
 * An element below `root`.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 * @throws {Error} there is none
 */
export function find(root, selector) {
  return findAs(root, selector, HTMLElement);
}

/**
 * An element of one kind below `root`.
 * @template {Element} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind}
 * @throws {Error} there is none
 */
export function findAs(root, selector, kind) {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} ${selector}.`);
}

/**
 * All elements below `root` that a selector names.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function list(root, selector) {
  return listAs(root, selector, HTMLElement);
}

/**
 * All elements of one kind below `root`.
 * @template {Element} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind[]}
 */
export function listAs(root, selector, kind) {
  return [...root.querySelectorAll(selector)].flatMap((element) => (element instanceof kind ? [element] : []));
}

/** The child elements. @param {Element} parent */
export function listChildren(parent) {
  return [...parent.children].filter((element) => element instanceof HTMLElement);
}

/**
 * The element around what an event happened to.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function findTarget({ target }, selector) {
  const found = target instanceof Element ? target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/** A copy of the only element of a template. @param {HTMLTemplateElement} template */
export function copyTemplate(template) {
  const copy = template.content.firstElementChild?.cloneNode(true);
  if (copy instanceof HTMLElement) return copy;
  throw new Error("The template is empty.");
}

/** The element with `data-fragment` in a fragment. @param {string} html */
export function parseFragment(html) {
  return find(new DOMParser().parseFromString(html, "text/html"), "[data-fragment]");
}

/** Whether the page shows a dialog. */
export function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}
