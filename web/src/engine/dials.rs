//! The workload form: texts that a person typed, and the workload that they make.

use shardscope_core::rng::Ppm;
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
/// Where it holds the percentage of all operations that go to the hot key.
pub(crate) const HOT: usize = 3;
/// From where on it holds how likely each of [`KINDS`] is, against the others.
pub(crate) const WEIGHTS: usize = 4;

/// A workload as the form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dials {
    values: [String; WEIGHTS + KINDS.len()],
    /// Not in the form: it stays as it is.
    limit: Option<u64>,
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
        values[HOT] = decimals(workload.hot.0, 10_000, 4);
        let weights = [get, put, append, delete, cas, put_at, put_hash];
        for (value, weight) in values[WEIGHTS..].iter_mut().zip(weights) {
            *value = weight.to_string();
        }
        Self { values, limit: workload.limit }
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
        let every = number(self.get(EVERY), "milliseconds", "12 or 0.5", 1e9)? * 1_000.0;
        let every = Duration::from_micros(every.round() as u64);
        let hot = number(self.get(HOT), "percent", "40, or 0 for no hot key", 100.0)? * 1e4;
        let hot = Ppm(hot.round() as u32);
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
        let workload = Workload { pace, keys, hot, mix, limit: self.limit };
        let scenario = Scenario { workload, ..Scenario::default() };
        match scenario.complaints().into_iter().next() {
            Some(complaint) => Err(complaint.sentence),
            None => Ok(workload),
        }
    }
}

/// Milliseconds with as many decimals as there are.
fn millis(time: Duration) -> String {
    decimals(time.as_micros(), 1_000, 3)
}

/// `value` parts of a whole that has so many, with as many of `places` decimals as there are.
fn decimals(value: impl Into<u64>, parts: u64, places: usize) -> String {
    let value = value.into();
    let text = format!("{}.{:0places$}", value / parts, value % parts);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn number(text: &str, unit: &str, example: &str, most: f64) -> Result<f64, String> {
    let found = host::number(text.trim());
    found.filter(|number| (0.0..=most).contains(number)).ok_or_else(|| {
        let shown = crate::words::short(text, 24);
        format!("\"{shown}\" is no number of {unit}: write {example}.")
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
        let hot = Workload { hot: Ppm(402_500), limit: Some(12), ..usual };
        assert_eq!(Dials::of(&hot).get(HOT), "40.25");
        assert_eq!(Dials::of(&hot).workload(), Ok(hot), "nothing is lost that the form lacks");
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
        assert!(bad(HOT, "101").contains("no number of percent: write 40, or 0"));
        assert!(bad(HOT, "-1").contains("no number of percent"));
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
