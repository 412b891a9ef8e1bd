//! Numbers with a few decimals as text.
//!
//! Rust prints floats exactly, to any number of digits, with code and tables for that. The page
//! shows three decimals at most, and integers suffice for those.

use std::fmt;

/// A number that is shown with so many decimals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal {
    value: f64,
    places: usize,
}

/// `value` with `places` decimals.
pub(crate) const fn decimal(value: f64, places: usize) -> Decimal {
    Decimal { value, places }
}

/// `value` with one decimal, as coordinates are written.
pub(crate) const fn tenths(value: f64) -> Decimal {
    decimal(value, 1)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10u64.pow(self.places as u32);
        let scaled = (self.value.abs() * scale as f64).round_ties_even() as u64;
        if self.value.is_sign_negative() {
            f.write_str("-")?;
        }
        (scaled / scale).fmt(f)?;
        if self.places == 0 {
            return Ok(());
        }
        write!(f, ".{:0places$}", scaled % scale, places = self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_read_as_rusts_own() {
        for value in [0.0, -0.0, 0.04, -0.04, 0.06, 0.25, 0.75, -1.5, 2.5, 12.96, 99.999, 1e9] {
            assert_eq!(decimal(value, 0).to_string(), format!("{value:.0}"));
            assert_eq!(tenths(value).to_string(), format!("{value:.1}"));
            assert_eq!(decimal(value, 2).to_string(), format!("{value:.2}"));
            assert_eq!(decimal(value, 3).to_string(), format!("{value:.3}"));
        }
        // In the middle between two decimals either will do: few such numbers are exact.
        for micros in (0..3_000_000u64).step_by(997).filter(|micros| micros % 1_000 != 500) {
            let seconds = micros as f64 / 1e6;
            assert_eq!(decimal(seconds, 3).to_string(), format!("{seconds:.3}"));
        }
    }
}
