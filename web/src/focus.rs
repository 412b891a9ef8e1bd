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
