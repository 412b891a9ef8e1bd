//! Moving the browser's focus.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Puts the focus on an element, if it is still there.
pub(crate) fn focus(element: Option<Element>) {
    // Of HTML and SVG alike only the method matters.
    let element = element.filter(|element| element.is_connected());
    if let Some(element) = element.map(JsCast::unchecked_into::<HtmlElement>) {
        // An element that cannot have the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// Puts the focus on the element of this name, if there is one.
pub(crate) fn focus_on(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    focus(document.and_then(|document| document.get_element_by_id(id)));
}
