//! The workload form: texts that a person typed, and the workload that they make.

use shardscope_core::sim::scenario::Scenario;
use shardscope_core::sim::workload::{Mix, Pace, Workload};
use shardscope_core::time::Duration;

use crate::host;

/// When clients begin an operation: the value of the choice, and its name on the page.
pub(crate) const PACES: [(&str, &str); 3] = [
    ("closed", "After the last one's answer"),
    ("open", "At a rate, answered or not"),
    ("silent", "Only when told to"),
];

/// The kinds of operation, in the order of their weights.
pub(crate) const KINDS: [&str; 6] = ["get", "put", "append", "delete", "cas", "puthash"];

/// A workload as the form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dials {
    /// One of [`PACES`].
    pub(crate) pace: String,
    /// Milliseconds between two operations of a client, on average.
    pub(crate) every: String,
    /// How many keys there are.
    pub(crate) keys: String,
    /// How likely each of [`KINDS`] is, against the others.
    pub(crate) weights: [String; 6],
}

impl Dials {
    /// The form for a workload.
    pub(super) fn of(workload: &Workload) -> Self {
        let (pace, every) = match workload.pace {
            Pace::Closed { think } => ("closed", think),
            Pace::Open { every } => ("open", every),
            Pace::Silent => ("silent", Duration::from_millis(12)),
        };
        let Mix { get, put, append, delete, cas, put_hash } = workload.mix;
        Self {
            pace: pace.into(),
            every: millis(every),
            keys: workload.keys.to_string(),
            weights: [get, put, append, delete, cas, put_hash].map(|weight| weight.to_string()),
        }
    }

    /// The workload that the texts make, or one sentence about what is wrong.
    pub(crate) fn workload(&self) -> Result<Workload, String> {
        let every = Duration::from_micros((number(&self.every)? * 1_000.0).round() as u64);
        let keys: u16 = whole(&self.keys, u16::MAX)?;
        let mut weights = [0; 6];
        for (weight, text) in weights.iter_mut().zip(&self.weights) {
            *weight = whole(text, u8::MAX)?;
        }
        let [get, put, append, delete, cas, put_hash] = weights;
        let pace = match self.pace.as_str() {
            "closed" => Pace::Closed { think: every },
            "open" => Pace::Open { every },
            _ => Pace::Silent,
        };
        let mix = Mix { get, put, append, delete, cas, put_hash };
        let workload = Workload { pace, keys, mix, limit: None };
        let scenario = Scenario { workload, ..Scenario::default() };
        match scenario.complaints().into_iter().next() {
            Some(complaint) => Err(complaint.sentence),
            None => Ok(workload),
        }
    }
}

/// Milliseconds with as many decimals as there are.
fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    let decimals = format!("{}.{:03}", micros / 1_000, micros % 1_000);
    decimals.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn number(text: &str) -> Result<f64, String> {
    host::number(text.trim()).filter(|number| *number <= 1e9).ok_or_else(|| {
        let shown = crate::words::short(text, 24);
        format!("\"{shown}\" is no number of milliseconds: write 12 or 0.5.")
    })
}

fn whole<T: core::str::FromStr + core::fmt::Display>(text: &str, most: T) -> Result<T, String> {
    text.trim().parse().map_err(|_| {
        let shown = crate::words::short(text, 24);
        format!("\"{shown}\" is no whole number from 0 to {most}: write 3, for example.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_survives_the_form() {
        let usual = Workload::default();
        assert_eq!(Dials::of(&usual).workload(), Ok(usual));
        let every = Duration::from_micros(1_500);
        let open = Workload { pace: Pace::Open { every }, ..usual };
        assert_eq!(Dials::of(&open).workload(), Ok(open));
    }

    #[test]
    fn each_bad_text_gets_one_sentence() {
        let usual = Dials::of(&Workload::default());
        let bad = |change: fn(&mut Dials)| {
            let mut dials = usual.clone();
            change(&mut dials);
            dials.workload().unwrap_err()
        };
        let keys = bad(|dials| dials.keys = "-3".into());
        assert_eq!(keys, "\"-3\" is no whole number from 0 to 65535: write 3, for example.");
        assert!(bad(|dials| dials.keys = "0".into()).contains("1 to 1000 keys"));
        assert!(bad(|dials| dials.every = "NaN".into()).contains("no number of milliseconds"));
        assert!(bad(|dials| dials.every = "1e8".into()).contains("at most an hour"));
        let open = bad(|dials| (dials.pace, dials.every) = ("open".into(), "0".into()));
        assert!(open.contains("would never end"), "{open}");
        let none = bad(|dials| dials.weights = ["0"; 6].map(Into::into));
        assert!(none.contains("weight 0"), "{none}");
        assert!(bad(|dials| dials.weights[2] = "256".into()).contains("0 to 255"));
    }
}
