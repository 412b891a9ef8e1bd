//! What the page asks of the judge, what the judge says, and both as bytes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shardscope_core::history::Record;

use crate::findings::Findings;
use crate::story::Story;

/// Something that the judge can do. It does one job after another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// Plays the text of a script: [`Answer::Told`].
    Tell(String),
    /// Writes a run, as `link::pack` has it, as the text of a script: [`Answer::Recorded`].
    Record(Vec<u8>),
    /// Judges what clients saw: [`Answer::Judged`].
    Judge(Record),
    /// Reads a file with what clients saw, and judges that: [`Answer::Judged`].
    Read(Vec<u8>),
}

/// What the judge says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It listens, and its messages are those of this version. It says so once, before all else:
    /// what comes to a worker that does not listen yet is lost.
    Ready(u32),
    /// A script was played.
    Told {
        /// What it says, and when.
        story: Story,
        /// Its run up to where it ends, as `link::pack` has it.
        run: Vec<u8>,
    },
    /// The text of a script.
    Recorded(String),
    /// What was found out about a history.
    Judged(Findings),
    /// The job cannot be done: one sentence that says why, and how to mend it.
    Refused(String),
}

/// Which messages these are: another number, if anything in their description is another. A page
/// may be older than the judge that it fetches.
pub const VERSION: u32 = fingerprint(&[
    include_bytes!("message.rs"),
    include_bytes!("story.rs"),
    include_bytes!("findings.rs"),
    include_bytes!("../../core/src/history/record.rs"),
    include_bytes!("../../core/src/kv.rs"),
]);

/// FNV-1a, with 32 bits.
const fn fingerprint(texts: &[&[u8]]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut text = 0;
    while text < texts.len() {
        let mut at = 0;
        while at < texts[text].len() {
            hash = (hash ^ texts[text][at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        text += 1;
    }
    hash
}

/// A message as bytes.
pub fn write(message: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(message).expect("memory is all that this takes")
}

/// The message that some bytes are; none: they are no message, or not that alone.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (message, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(message)
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use shardscope_core::sim::timeline::Spot;
    use shardscope_core::time::Instant;

    use super::*;
    use crate::story::{Question, Stop, What};

    fn travels<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) {
        let bytes = write(message);
        assert_eq!(read::<T>(&bytes).as_ref(), Some(message));
        for end in 0..bytes.len() {
            assert_eq!(read::<T>(&bytes[..end]), None, "{end} of {} bytes", bytes.len());
        }
        assert_eq!(read::<T>(&[&bytes[..], &[0]].concat()), None, "something follows");
    }

    #[test]
    fn messages_come_as_they_were_sent_or_not_at_all() {
        travels(&Job::Tell("shardscope script 1\n".into()));
        travels(&Job::Record(vec![1, 0, 255]));
        let moment = Spot { branch: 1, step: 300, at: Instant::from_micros(1_000_000) };
        let stop = |line, what| Stop { line, moment, what };
        let why = Some("It was so.".to_owned());
        let stops = vec![
            stop(3, What::Say("ä → b".into())),
            stop(4, What::Ask(0)),
            stop(5, What::Answer { question: 0, right: 1, why }),
            stop(6, What::Fail("this".into(), "that".into())),
            stop(7, What::End(70_000)),
        ];
        let choices = vec!["one".into(), "the other".into()];
        let questions = vec![Question { text: "Which?".into(), choices }];
        let story = Story { title: "A story".into(), start: moment, stops, questions };
        travels(&Answer::Told { story, run: vec![7; 1_000] });
        travels(&Answer::Ready(VERSION));
        travels(&Answer::Recorded("text".into()));
        travels(&Answer::Refused("Not so.".into()));
    }

    #[test]
    fn another_description_is_another_version() {
        assert_eq!(fingerprint(&[b"foo", b"bar"]), 0xbf9c_f968, "as FNV-1a has it");
        assert_ne!(fingerprint(&[b"Tell(String)"]), fingerprint(&[b"Tell(u32)"]));
    }
}
