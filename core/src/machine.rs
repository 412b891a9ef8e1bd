//! What a log of commands drives: state machines, and at-most-once execution around any of them.

mod composition;
mod seat;
mod sessions;

use core::fmt::Debug;
use core::hash::Hash;

use serde::Serialize;

use crate::id::MutantId;

pub use composition::Composition;
pub use seat::Seat;
pub use sessions::{Answer, Call, Frame, Session, Sessions};

/// What a log of commands drives. Also its own sequential specification.
///
/// Copies are made often (snapshots, keyframes), so an implementation shares its large parts.
pub trait Machine: Clone + Debug + Eq + Hash + Serialize {
    /// What the log holds.
    type Command: Clone + Debug + Eq + Hash + Serialize;
    /// What executing a command gives.
    type Reply: Clone + Debug + Eq + Hash + Serialize;

    /// Executes a command. Must depend on nothing but the state and the command.
    fn apply(&mut self, command: &Self::Command) -> Self::Reply;

    /// Answers a command that changes nothing, without the log; `None` if it might change
    /// something.
    fn read(&self, command: &Self::Command) -> Option<Self::Reply>;

    /// Whether [`read`](Self::read) answers a command, which must not depend on the state.
    fn reads(&self, command: &Self::Command) -> bool {
        self.read(command).is_some()
    }

    /// The state that a command leads to, and the reply.
    fn after(&self, command: &Self::Command) -> (Self, Self::Reply) {
        let mut after = self.clone();
        let reply = after.apply(command);
        (after, reply)
    }

    /// Whether a command gets a reply here.
    fn gives(&self, command: &Self::Command, reply: &Self::Reply) -> bool {
        self.read(command).unwrap_or_else(|| self.after(command).1) == *reply
    }

    /// The part of the state that a command is about, by name. Commands that are about different
    /// parts can be judged apart. None: it may be about all of it.
    fn part(_command: &Self::Command) -> Option<&str> {
        None
    }

    /// Whether a command that replied so has changed nothing, whatever the state was. Who is in
    /// doubt says no: this only saves time.
    fn is_idle(_command: &Self::Command, _reply: &Self::Reply) -> bool {
        false
    }

    /// Whether a command changes nothing but what [`excludes`](Self::excludes) allows for.
    fn grows(_command: &Self::Command) -> bool {
        false
    }

    /// Whether a command cannot get a reply here, nor after any number of commands that grow. Who
    /// is in doubt says no: this only saves time.
    fn excludes(&self, _command: &Self::Command, _reply: &Self::Reply) -> bool {
        false
    }

    /// Whether a command can get a reply here, after some of `others` in some order. Who is in
    /// doubt says yes; on a hunch, no. This only saves time.
    fn can_reply<'a>(
        &self,
        _seen: (&Self::Command, &Self::Reply),
        _others: impl Iterator<Item = &'a Self::Command> + Clone,
        _is_hunch: bool,
    ) -> bool
    where
        Self::Command: 'a,
    {
        true
    }

    /// Whether a reply to another command may show what a command did. Who is in doubt says yes:
    /// this only says what is tried first.
    fn shows(_command: &Self::Command, _reply: &Self::Reply) -> bool {
        true
    }

    /// Whether two commands do the same, but for what [`shows`](Self::shows) them. Who is in doubt
    /// says no: this only says what is tried first.
    fn is_like(command: &Self::Command, other: &Self::Command) -> bool {
        command == other
    }

    /// The size of the state in bytes of its postcard encoding, counted incrementally.
    fn bytes(&self) -> u64;

    /// The state has come into a server: as its initial one, or out of a snapshot. A machine that
    /// looks its decisions up keeps the [`Seat`], and one that holds another passes it on.
    fn enter(&mut self, _seat: Seat) {}

    /// How it is built into a server: as it should be, or as a number says.
    fn composition(_mutant: MutantId) -> Composition<Self> {
        Composition::PLAIN
    }

    /// What a snapshot of it holds.
    #[must_use]
    fn capture(&self, mutant: MutantId) -> Self {
        (Self::composition(mutant).capture)(self)
    }

    /// Becomes what a snapshot makes of it.
    fn install(&mut self, mutant: MutantId, snapshot: Self) {
        (Self::composition(mutant).install)(self, snapshot);
    }

    /// Does what is done with a command that is committed.
    fn execute(&mut self, mutant: MutantId, command: &Self::Command) -> Self::Reply {
        (Self::composition(mutant).execute)(self, command)
    }

    /// The reply to a command that need not go into the log, because the state has it already.
    fn known(&self, mutant: MutantId, command: &Self::Command) -> Option<Self::Reply> {
        (Self::composition(mutant).known)(self, command)
    }
}

/// The size of a value in bytes of its postcard encoding: the only meaning of "byte" here.
pub fn encoded_len<T: Serialize>(value: &T) -> u64 {
    let counter = postcard::ser_flavors::Size::default();
    postcard::serialize_with_flavor(value, counter).map_or(0, |len: usize| len as u64)
}

/// The size of a number or length in postcard's variable-length form.
pub const fn varint_len(value: u64) -> u64 {
    let bits = 64 - (value | 1).leading_zeros() as u64;
    bits.div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says nothing of itself but what it must: adds, or shows what there is.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
    struct Sum(u64);

    impl Machine for Sum {
        type Command = Option<u64>;
        type Reply = u64;

        fn apply(&mut self, command: &Option<u64>) -> u64 {
            self.0 += command.unwrap_or_default();
            self.0
        }

        fn read(&self, command: &Option<u64>) -> Option<u64> {
            command.is_none().then_some(self.0)
        }

        fn bytes(&self) -> u64 {
            encoded_len(self)
        }
    }

    #[test]
    fn of_a_machine_that_says_nothing_nothing_is_taken_for_granted() {
        let (sum, adds, reads) = (Sum(5), Some(1), None);
        assert!(sum.reads(&reads) && !sum.reads(&adds));
        assert_eq!(Sum::part(&adds), None, "it may be about all of the state");
        assert!(!Sum::is_idle(&adds, &6) && !Sum::grows(&adds) && !sum.excludes(&reads, &9));
        for is_hunch in [false, true] {
            assert!(sum.can_reply((&reads, &9), [adds].iter(), is_hunch));
        }
        assert!(Sum::shows(&reads, &5));
        assert!(Sum::is_like(&adds, &Some(1)) && !Sum::is_like(&adds, &reads));
    }

    #[test]
    fn a_machine_that_says_nothing_is_built_in_plainly() {
        let (mut sum, paper) = (Sum(5), MutantId::Paper);
        assert_eq!((sum.execute(paper, &Some(2)), sum.known(paper, &None)), (7, None));
        let kept = sum.capture(paper);
        assert_eq!((sum.execute(paper, &Some(1)), &kept), (8, &Sum(7)));
        sum.install(paper, kept);
        assert_eq!(sum, Sum(7));
    }

    #[test]
    fn a_number_is_counted_as_it_is_encoded() {
        for bits in 0..64 {
            for value in [(1 << bits) - 1, 1 << bits, (1 << bits) + 1, u64::MAX << bits] {
                assert_eq!(varint_len(value), encoded_len(&value), "{value}");
            }
        }
        assert_eq!([0, 127, 128, u64::MAX].map(varint_len), [1, 1, 2, 10]);
    }
}
