//! Links: a whole run in the part of an address behind the `#`.
//!
//! A link holds what a run follows from, the settings with the seed and what was done when, and
//! where whoever shares it stands: the moment, and the view, in bytes that only the page knows. All
//! else is made again.
//!
//! ```text
//! #run=  base64url of
//!   1 byte   the format
//!   4 bytes  the fingerprint of the engine, most significant first
//!   4 bytes  the checksum of all but itself
//!   bits     settings; actions; moment; view
//! ```
//!
//! The first three stand where they do in every format. Behind them each number is a few bits
//! (`bits`), and a setting that is as usual is one (`settings`). An action (`actions`) has
//! its place (`course`): so many steps after the action before, and so long after the event
//! before, which is short however long the run is. `replay` makes the run again.
//!
//! Nothing in a link is believed: each part takes bits of it, so none can be larger than the link
//! pays for, and what was read goes through the same checks as what a person sets and does.

mod actions;
mod bits;
mod course;
mod engine;
mod replay;
mod settings;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use self::bits::Bits;
use self::course::{Deed, Moment};
use self::engine::ENGINE;
use super::scenario::Scenario;
use super::timeline::{Acted, Timeline};
use super::trace::Trace;
use crate::id::NodeId;
use crate::time::{Duration, Instant};

pub use self::replay::Replay;

/// How this version writes links.
const FORMAT: u8 = 2;

/// The most characters of a link, without the address before the `#`. Longer runs are told as a
/// script; longer texts are no links.
pub const MAX_CHARS: usize = 8_192;

/// The most bytes of a run that is told to another program and not written into an address; more
/// are refused. The run of a script with all lines that it may have needs a small part of them.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The most bytes that the page may keep for itself.
pub const MAX_VIEW: usize = 64;

/// No more time than this passes behind an event before something is done: a thousand hours. No sum
/// of so many moments is too large.
const MAX_WAIT: Duration = Duration::from_secs(3_600_000);

/// What stands before the run in the part of an address behind the `#`.
const KEY: &str = "run=";

/// Format, fingerprint and checksum.
const HEAD: usize = 9;

/// Why something is no link, or a run has none: one sentence with the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run, and a moment of it.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What it was made from.
    pub scenario: &'a Scenario,
    /// What was done, in order.
    pub acts: &'a [Acted],
    /// What happened, at least up to the last action and the moment.
    pub trace: &'a Trace,
    /// The step after which the moment is, and the moment.
    pub moment: (u64, Instant),
}

impl<'a> From<&'a Timeline> for Run<'a> {
    /// The present branch, whole, and the cursor.
    fn from(timeline: &'a Timeline) -> Self {
        Self {
            scenario: timeline.scenario(),
            acts: &timeline.branch().acts,
            trace: &timeline.chronicle().trace,
            moment: (timeline.step_number(), timeline.now()),
        }
    }
}

impl Run<'_> {
    #[inline(never)]
    fn after(&self, step: u64, at: Instant) -> Moment {
        let first = self.trace.partition_point(|line| line.step < step);
        let line = self.trace.get(first).filter(|_| step > 0);
        Moment { step, after: at.since(line.map_or(Instant::ZERO, |line| line.at)) }
    }
}

/// What a link holds. Nothing of it has been played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The settings, which can be run.
    pub scenario: Scenario,
    /// What the page kept for itself.
    pub view: Vec<u8>,
    /// Another version made the link.
    foreign: bool,
    deeds: Vec<Deed>,
    moment: Moment,
}

/// The link of a run, as it stands behind the `#` of an address: `run=` and the rest. `view` is
/// given back when it is opened.
///
/// # Errors
/// One sentence: there is too much for a link, or the view is longer than [`MAX_VIEW`].
pub fn write<'a>(run: impl Into<Run<'a>>, view: &[u8]) -> Result<String, Wrong> {
    let bytes = bytes(run.into(), view);
    let link = [KEY, &Base64UrlUnpadded::encode_string(&bytes)].concat();
    if link.len() > MAX_CHARS || view.len() > MAX_VIEW {
        let count = link.len();
        return Err(Wrong(format!(
            "The run has too much for a link, {count} characters where {MAX_CHARS} are allowed: \
             share an earlier moment, or its script."
        )));
    }
    Ok(link)
}

/// The bytes of a run, for another program of the same version.
///
/// # Errors
/// One sentence: there are more than [`MAX_BYTES`].
pub fn pack<'a>(run: impl Into<Run<'a>>) -> Result<Vec<u8>, Wrong> {
    let bytes = bytes(run.into(), &[]);
    if bytes.len() > MAX_BYTES {
        let count = bytes.len();
        return Err(Wrong(format!(
            "More is done in the run than the page can take over, {count} bytes where {MAX_BYTES} \
             are allowed: make it shorter."
        )));
    }
    Ok(bytes)
}

/// What a link holds, as bytes.
fn bytes(run: Run<'_>, view: &[u8]) -> Vec<u8> {
    let deeds = run.acts.iter().map(|Acted { step, at, action, joined }| Deed {
        moment: run.after(step.saturating_sub(1), *at),
        joined: *joined,
        action: action.clone(),
    });
    let mut opened = Opened {
        scenario: run.scenario.clone(),
        view: view.into(),
        foreign: false,
        deeds: deeds.collect(),
        moment: run.after(run.moment.0, run.moment.1),
    };
    let mut head = Vec::from([FORMAT]);
    head.extend(ENGINE.to_be_bytes());
    head.extend([0; 4]);
    let mut bits = Bits::write(head);
    opened.pass(&mut bits);
    let mut bytes = bits.into_bytes();
    let sum = checksum(&bytes);
    bytes[5..HEAD].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// What a link holds. It may stand in a whole address, and among other things behind the `#`.
///
/// # Errors
/// One sentence that says why it is no link to a run that can be played, and what to do.
pub fn open(text: &str) -> Result<Opened, Wrong> {
    let text = text.trim();
    let (_, behind) = text.rsplit_once('#').unwrap_or(("", text));
    let named = behind.split('&').find_map(|part| part.strip_prefix(KEY));
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let link = match named {
        Some(link) => link,
        // Without the name, it is a link only if it can be nothing else.
        None if text.bytes().all(is_sign) => text,
        None => return wrong("This leads to no run: a link to one has #run= in it."),
    };
    if link.is_empty() {
        return wrong("The link is empty: copy it again, to its end.");
    }
    let length = KEY.len() + link.len();
    if length > MAX_CHARS {
        return wrong(&format!(
            "A link has at most {MAX_CHARS} characters, not {length}: copy it again, and nothing \
             behind it."
        ));
    }
    if !link.bytes().all(is_sign) {
        return wrong(
            "The link has more in it than letters, digits, - and _: copy it again, and nothing \
             behind it.",
        );
    }
    read(&Base64UrlUnpadded::decode_vec(link).unwrap_or_default())
}

/// What the bytes of [`pack`] hold.
///
/// # Errors
/// As [`open`].
pub fn unpack(bytes: &[u8]) -> Result<Opened, Wrong> {
    if bytes.len() > MAX_BYTES { wrong(DAMAGED) } else { read(bytes) }
}

fn read(bytes: &[u8]) -> Result<Opened, Wrong> {
    let (Some(&[format, a, b, c, d, ref sum @ ..]), body) =
        (bytes.first_chunk::<HEAD>(), bytes.get(HEAD..).unwrap_or_default())
    else {
        return wrong(DAMAGED);
    };
    if u32::from_be_bytes(*sum) != checksum(bytes) {
        return wrong(DAMAGED);
    }
    if format != FORMAT {
        return wrong(&format!(
            "The link has format {format}, and this version reads format {FORMAT}: open it with \
             the version that made it."
        ));
    }
    let foreign = u32::from_be_bytes([a, b, c, d]) != ENGINE;
    Opened::read(body.into(), foreign)
}

const DAMAGED: &str = "The link is damaged or cut off: copy it again, to its end.";

impl Opened {
    /// Everything, in the order of a link.
    fn pass(&mut self, bits: &mut Bits) {
        settings::scenario(bits, &mut self.scenario);
        course::deeds(bits, &mut self.deeds);
        bits.number(10, &mut self.moment.step);
        bits.duration(&mut self.moment.after);
        bits.bytes(&mut self.view);
    }

    fn read(body: Vec<u8>, foreign: bool) -> Result<Self, Wrong> {
        let (scenario, moment) = (Scenario::default(), Moment::default());
        let (view, deeds) = (Vec::new(), Vec::new());
        let mut opened = Self { scenario, view, foreign, deeds, moment };
        let mut bits = Bits::read(body);
        opened.pass(&mut bits);
        let found = bits.end().map_err(String::from).and_then(|()| opened.complain());
        found.map_err(|why| opened.wrong("makes no sense", &why)).map(|()| opened)
    }

    /// What is wrong with what was read.
    fn complain(&self) -> Result<(), String> {
        if let Some(complaint) = self.scenario.complaints().into_iter().next() {
            return Err(complaint.sentence);
        }
        let processes = self.scenario.server_count() + self.scenario.client_count();
        for deed in &self.deeds {
            if let Some(NodeId(number)) = actions::stranger(&deed.action, processes) {
                let number = u32::from(number) + 1;
                return Err(format!("It names process {number}, and there are {processes}."));
            }
        }
        let most = Timeline::MAX_STEPS + self.deeds.len() as u64;
        let moments = self.deeds.iter().map(|deed| deed.moment).chain([self.moment]);
        for Moment { step, after } in moments {
            if step > most || after > MAX_WAIT {
                let most = Timeline::MAX_STEPS;
                return Err(format!(
                    "It is longer than a run can be, which has at most {most} steps."
                ));
            }
        }
        match self.view.len() {
            0..=MAX_VIEW => Ok(()),
            bytes => Err(format!("Its view has {bytes} bytes, and {MAX_VIEW} are allowed.")),
        }
    }

    /// A sentence about the link, which says so if another version made it.
    fn wrong(&self, what: &str, why: &str) -> Wrong {
        let by = if self.foreign { ", which another version made," } else { "" };
        Wrong(format!("The link{by} {what}: {why}"))
    }

    /// One sentence, if another version made the link: its run may be another one here.
    pub const fn warning(&self) -> Option<&'static str> {
        if self.foreign {
            return Some(
                "Another version of Shardscope made this link: its run may go differently here.",
            );
        }
        None
    }

    /// How many actions it has.
    pub fn actions(&self) -> usize {
        self.deeds.len()
    }
}

/// The checksum of a link: a CRC-32 (that of IEEE 802.3) of all bytes but those that hold it. It
/// notices every change of a single character.
fn checksum(bytes: &[u8]) -> u32 {
    let (head, sum) = bytes.split_at(bytes.len().min(5));
    let body = sum.get(4..).unwrap_or_default();
    crc(head.iter().chain(body))
}

fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

fn wrong<T>(sentence: &str) -> Result<T, Wrong> {
    Err(Wrong(sentence.into()))
}

#[cfg(test)]
mod tests;
