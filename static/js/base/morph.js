// Brings one element to the state of another in place, so that focus, open menus and selections survive.

/** Attributes that the page itself changes, and an update must not take back. */
/** @type {Record<string, string[]>} */
const OWN_ATTRIBUTES = { DETAILS: ["open"], BUTTON: ["disabled"] };
const CLOSED = ["title", "aria-disabled", "disabled"];

/**
 * @param {Element} old in the page
 * @param {Element} fresh as the server sees it now; its children may be moved into the page
 */
export function morph(old, fresh) {
  syncAttributes(old, fresh);
  if (old.hasAttribute("data-own-children")) return; // whoever asked merges these
  if (old.matches("time[data-relative]") && old.getAttribute("datetime") === fresh.getAttribute("datetime")) return;
  syncChildren(old, fresh);
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function syncAttributes(old, fresh) {
  const own = OWN_ATTRIBUTES[old.tagName] ?? [];
  const closed = old.hasAttribute("data-needs-server") ? CLOSED : [];
  for (const { name, value } of [...fresh.attributes]) {
    if (!own.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !own.includes(name) && !closed.includes(name)) old.removeAttribute(name);
  }
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function syncChildren(old, fresh) {
  /** @type {ChildNode | null} */
  let cursor = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const match = findSame(cursor, node);
    if (!match) {
      old.insertBefore(node, cursor);
      continue;
    }
    cursor = removeUntil(cursor, match);
    update(match, node);
    cursor = match.nextSibling;
  }
  removeUntil(cursor, null);
}

/**
 * @param {ChildNode | null} cursor
 * @param {Node} node
 * @returns {ChildNode | null} the sibling that `node` is to update; text only updates text in the same place
 */
function findSame(cursor, node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return cursor && isSame(cursor, node) ? cursor : null;
  let match = cursor;
  while (match && !isSame(match, node)) match = match.nextSibling;
  return match;
}

/**
 * @param {ChildNode | null} cursor
 * @param {ChildNode | null} end
 */
function removeUntil(cursor, end) {
  let rest = cursor;
  while (rest && rest !== end) {
    const next = rest.nextSibling;
    rest.remove();
    rest = next;
  }
  return rest;
}

/**
 * @param {Node} old
 * @param {Node} fresh
 */
function isSame(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return false;
  if (!(old instanceof Element && fresh instanceof Element)) return true;
  return old.id === fresh.id && old.getAttribute("class") === fresh.getAttribute("class");
}

/**
 * @param {Node} old
 * @param {Node} fresh
 */
function update(old, fresh) {
  if (old instanceof Element && fresh instanceof Element) morph(old, fresh);
  else if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
}
