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
pub(crate) const KINDS: [&str; 7] = ["get", "put", "append", "delete", "cas", "putat", "puthash"];

/// Where the form holds the choice of [`PACES`].
pub(crate) const PACE: usize = 0;
/// Where it holds the milliseconds between two operations of a client, on average.
pub(crate) const EVERY: usize = 1;
/// Where it holds how many keys there are.
pub(crate) const KEYS: usize = 2;
/// From where on it holds how likely each of [`KINDS`] is, against the others.
pub(crate) const WEIGHTS: usize = 3;

/// A workload as the form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dials {
    values: [String; WEIGHTS + KINDS.len()],
}

impl Dials {
    /// The form for a workload.
    pub(super) fn of(workload: &Workload) -> Self {
        let (pace, every) = match workload.pace {
            Pace::Closed { think } => ("closed", think),
            Pace::Open { every } => ("open", every),
            Pace::Silent => ("silent", Duration::from_millis(12)),
        };
        let Mix { get, put, append, delete, cas, put_at, put_hash } = workload.mix;
        let mut values = [const { String::new() }; WEIGHTS + KINDS.len()];
        (values[PACE], values[EVERY]) = (pace.into(), millis(every));
        values[KEYS] = workload.keys.to_string();
        let weights = [get, put, append, delete, cas, put_at, put_hash];
        for (value, weight) in values[WEIGHTS..].iter_mut().zip(weights) {
            *value = weight.to_string();
        }
        Self { values }
    }

    /// The text of a field.
    pub(crate) fn get(&self, index: usize) -> &str {
        self.values.get(index).map_or("", String::as_str)
    }

    /// Changes a field.
    pub(crate) fn set(&mut self, index: usize, value: String) {
        if let Some(old) = self.values.get_mut(index) {
            *old = value;
        }
    }

    /// The workload that the texts make, or one sentence about what is wrong.
    pub(crate) fn workload(&self) -> Result<Workload, String> {
        let every = Duration::from_micros((number(self.get(EVERY))? * 1_000.0).round() as u64);
        let keys = whole(self.get(KEYS), u16::MAX)?;
        let mut weights = [0; KINDS.len()];
        for (weight, text) in weights.iter_mut().zip(&self.values[WEIGHTS..]) {
            *weight = whole(text, u16::from(u8::MAX))? as u8;
        }
        let [get, put, append, delete, cas, put_at, put_hash] = weights;
        let pace = match self.get(PACE) {
            "closed" => Pace::Closed { think: every },
            "open" => Pace::Open { every },
            _ => Pace::Silent,
        };
        let mix = Mix { get, put, append, delete, cas, put_at, put_hash };
        let workload = Workload { pace, keys, mix, ..Workload::default() };
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

fn whole(text: &str, most: u16) -> Result<u16, String> {
    let found: Option<u16> = text.trim().parse().ok();
    found.filter(|number| *number <= most).ok_or_else(|| {
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
        let mix = Mix { get: 1, put: 2, append: 3, delete: 4, cas: 5, put_at: 6, put_hash: 7 };
        let mixed = Workload { mix, ..usual };
        assert_eq!(Dials::of(&mixed).workload(), Ok(mixed));
    }

    #[test]
    fn each_bad_text_gets_one_sentence() {
        let usual = Dials::of(&Workload::default());
        let bad = |index, text: &str| {
            let mut dials = usual.clone();
            dials.set(index, text.into());
            dials.workload().unwrap_err()
        };
        let keys = bad(KEYS, "-3");
        assert_eq!(keys, "\"-3\" is no whole number from 0 to 65535: write 3, for example.");
        assert!(bad(KEYS, "0").contains("1 to 1000 keys"));
        assert!(bad(EVERY, "NaN").contains("no number of milliseconds"));
        assert!(bad(EVERY, "1e8").contains("at most an hour"));
        assert!(bad(WEIGHTS + 2, "256").contains("0 to 255"));
        let mut open = usual.clone();
        (open.values[PACE], open.values[EVERY]) = ("open".into(), "0".into());
        assert!(open.workload().unwrap_err().contains("would never end"));
        let mut none = usual;
        none.values[WEIGHTS..].fill("0".into());
        assert!(none.workload().unwrap_err().contains("weight 0"));
    }
}
