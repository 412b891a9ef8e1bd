//! What the browser can do already, so that the page need not bring it: Rust's own sines, powers,
//! reading of decimals and lower case come with tables that are a good part of the first load.
//!
//! Native tests have no browser and take Rust's own.

/// 10 to the power of `exponent`.
#[cfg(target_family = "wasm")]
pub(crate) fn power_of_ten(exponent: f64) -> f64 {
    js_sys::Math::pow(10.0, exponent)
}

/// 10 to the power of `exponent`.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn power_of_ten(exponent: f64) -> f64 {
    10f64.powf(exponent)
}

/// The point of the unit circle at `angle`.
#[cfg(target_family = "wasm")]
pub(crate) fn on_circle(angle: f64) -> (f64, f64) {
    (js_sys::Math::cos(angle), js_sys::Math::sin(angle))
}

/// The point of the unit circle at `angle`.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn on_circle(angle: f64) -> (f64, f64) {
    (angle.cos(), angle.sin())
}

/// The angle of the vector (`dx`, `dy`).
#[cfg(target_family = "wasm")]
pub(crate) fn angle(dx: f64, dy: f64) -> f64 {
    js_sys::Math::atan2(dy, dx)
}

/// The angle of the vector (`dx`, `dy`).
#[cfg(not(target_family = "wasm"))]
pub(crate) fn angle(dx: f64, dy: f64) -> f64 {
    dy.atan2(dx)
}

/// The number from 0 up that `text` says in digits, if it says one.
pub(crate) fn number(text: &str) -> Option<f64> {
    // JavaScript also takes nothing for 0, and reads `0x10`.
    let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let number = (!text.is_empty() && text.bytes().all(plain)).then(|| read(text))?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

#[cfg(target_family = "wasm")]
fn read(text: &str) -> f64 {
    wasm_bindgen::JsValue::from_str(text).unchecked_into_f64()
}

#[cfg(not(target_family = "wasm"))]
fn read(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// `text` in small letters.
#[cfg(target_family = "wasm")]
pub(crate) fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// `text` in small letters.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn lower_case(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_make_a_number() {
        for (text, value) in [("5", 5.0), ("0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1e3)] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", " ", ".", "-1", "1e999", "inf", "NaN", "0x10", "1.2.3", "1e", "five"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
