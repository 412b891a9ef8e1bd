//! Numbers as bits: each takes as few as its usual size allows.
//!
//! What passes through is described once, for both directions: a value is handed over, and comes
//! back as it was when bits are written, and as the bits say when they are read.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::discriminant;

use crate::id::{NodeId, NodeSet};
use crate::kv::Text;
use crate::rng::Ppm;
use crate::time::Duration;

/// A row of bits that is being written or read, the most significant bit of a byte first.
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// So many bits have passed.
    passed: usize,
    reads: bool,
    /// What was wrong first. From then on all that is read is 0.
    wrong: Option<&'static str>,
}

/// A whole number of some width.
pub(super) trait Whole: Copy {
    /// The largest one.
    const MOST: u64;
    fn whole(self) -> u64;
    /// From one that is not larger than the largest.
    fn of(whole: u64) -> Self;
}

macro_rules! whole {
    ($($int:ty),+) => {
        $(impl Whole for $int {
            const MOST: u64 = <$int>::MAX as u64;
            fn whole(self) -> u64 {
                u64::from(self)
            }
            fn of(whole: u64) -> Self {
                whole as Self
            }
        })+
    };
}

whole!(u8, u16, u32, u64);

/// The bits end before the run does.
const SHORT: &str = "It ends too early.";
/// A number has no room where it stands.
pub(super) const LARGE: &str = "A number in it is too large.";

/// How many bits a number takes that mostly has up to `order`.
pub(super) fn cost(order: u32, value: u64) -> u32 {
    order + 1 + 2 * (value >> order).saturating_add(1).ilog2()
}

impl Bits {
    /// To be written, behind whole bytes that are there already.
    pub(super) const fn write(bytes: Vec<u8>) -> Self {
        Self { passed: bytes.len() * 8, bytes, reads: false, wrong: None }
    }

    /// To be read.
    pub(super) const fn read(bytes: Vec<u8>) -> Self {
        Self { bytes, passed: 0, reads: true, wrong: None }
    }

    /// What was written, filled up with zeros to whole bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether something was wrong.
    const fn failed(&self) -> bool {
        self.wrong.is_some()
    }

    /// Something is wrong with what was read.
    pub(super) fn fail(&mut self, wrong: &'static str) {
        self.wrong.get_or_insert(wrong);
    }

    /// Nothing was wrong, and nothing is left but zeros up to the end of the last byte.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn end(mut self) -> Result<(), &'static str> {
        let left = self.bytes.len() * 8 - self.passed;
        if left >= 8 || (0..left).any(|_| self.bit(false)) {
            self.fail("Something follows behind its end.");
        }
        self.wrong.map_or(Ok(()), Err)
    }

    #[inline(never)]
    fn bit(&mut self, bit: bool) -> bool {
        let (place, mask) = (self.passed / 8, 0x80 >> (self.passed % 8));
        if !self.reads && place == self.bytes.len() {
            self.bytes.push(0);
        }
        let Some(byte) = self.bytes.get_mut(place).filter(|_| self.wrong.is_none()) else {
            self.fail(SHORT);
            return false;
        };
        self.passed += 1;
        if !self.reads && bit {
            *byte |= mask;
        }
        *byte & mask != 0
    }

    /// The lower bits of a number.
    #[inline(never)]
    fn raw(&mut self, width: u32, value: u64) -> u64 {
        (0..width)
            .rev()
            .fold(0, |read, index| read << 1 | u64::from(self.bit(value >> index & 1 == 1)))
    }

    /// A number that mostly has up to `order` bits: an exponential Golomb code of that order. A
    /// larger one than `most` fails.
    // Not in line, nor are the others: a page fetches all of this.
    #[inline(never)]
    fn golomb(&mut self, order: u32, value: u64, most: u64) -> u64 {
        let above = (value >> order).saturating_add(1);
        let extra = above.ilog2();
        let mut width = 0;
        while !self.bit(width == extra) {
            width += 1;
            if width > 63 || self.failed() {
                self.fail(LARGE);
                return 0;
            }
        }
        // The first bit of what is above has been read: it is the one that ended the zeros.
        let above = ((1 << width) | self.raw(width, above)) - 1;
        let read = above << order | self.raw(order, value);
        if above.leading_zeros() < order || read > most {
            self.fail(LARGE);
            return 0;
        }
        read
    }

    /// How many bits other numbers mostly have: up to 31.
    pub(super) fn order(&mut self, order: &mut u32) {
        *order = self.raw(5, u64::from(*order)) as u32;
    }

    /// A number that mostly has up to `order` bits.
    pub(super) fn number<T: Whole>(&mut self, order: u32, value: &mut T) {
        *value = T::of(self.golomb(order, value.whole(), T::MOST));
    }

    /// A number of any size: how many bytes it has, then those.
    #[inline(never)]
    pub(super) fn wide(&mut self, value: &mut u64) {
        let bytes = (64 - value.leading_zeros()).div_ceil(8);
        match self.raw(4, u64::from(bytes)) {
            bytes @ 0..=8 => *value = self.raw(bytes as u32 * 8, *value),
            _ => self.fail(LARGE),
        }
    }

    /// A number that is mostly a small multiple of a thousand.
    #[inline(never)]
    fn thousands(&mut self, value: u64, most: u64) -> u64 {
        if self.bit(value.is_multiple_of(1_000)) {
            self.golomb(4, value / 1_000, most / 1_000) * 1_000
        } else {
            self.golomb(12, value, most)
        }
    }

    #[inline(never)]
    pub(super) fn duration(&mut self, value: &mut Duration) {
        *value = Duration::from_micros(self.thousands(value.as_micros(), u64::MAX));
    }

    pub(super) fn chance(&mut self, Ppm(value): &mut Ppm) {
        *value = u32::of(self.thousands(value.whole(), u32::MOST));
    }

    pub(super) fn flag(&mut self, value: &mut bool) {
        *value = self.bit(*value);
    }

    /// One of several kinds of a thing. `blank` gives one of each kind by its number from 0, with
    /// what is in it until that is read; none: there is no such kind.
    pub(super) fn kind<T>(
        &mut self,
        order: u32,
        value: &mut T,
        blank: impl Fn(u64) -> Option<T>,
        unknown: &'static str,
    ) {
        let mut number = 0;
        if !self.reads {
            let is = |blank: T| discriminant(&blank) == discriminant(value);
            while blank(number).is_some_and(|blank| !is(blank)) {
                number += 1;
            }
        }
        let read = self.golomb(order, number, u64::MAX);
        if self.reads {
            match blank(read) {
                Some(blank) => *value = blank,
                None => self.fail(unknown),
            }
        }
    }

    /// One of a few kinds that have nothing in them, or little.
    pub(super) fn choice<T: Copy>(
        &mut self,
        order: u32,
        value: &mut T,
        blanks: &[T],
        unknown: &'static str,
    ) {
        let at = |number: u64| blanks.get(usize::try_from(number).ok()?).copied();
        self.kind(order, value, at, unknown);
    }

    /// What is mostly as usual. To be read, it comes in as usual.
    pub(super) fn unless<T: PartialEq>(
        &mut self,
        usual: &T,
        value: &mut T,
        pass: impl FnOnce(&mut Self, &mut T),
    ) {
        if self.bit(value != usual) {
            pass(self, value);
        }
    }

    /// What may be missing.
    pub(super) fn maybe<T>(
        &mut self,
        value: &mut Option<T>,
        blank: T,
        pass: impl FnOnce(&mut Self, &mut T),
    ) {
        if self.bit(value.is_some()) {
            pass(self, value.get_or_insert(blank));
        } else {
            *value = None;
        }
    }

    /// One after another. Each takes a bit at least, so a list is no longer than what it is read
    /// from.
    pub(super) fn list<T>(
        &mut self,
        values: &mut Vec<T>,
        blank: impl Fn() -> T,
        mut pass: impl FnMut(&mut Self, &mut T),
    ) {
        let count = self.golomb(2, values.len() as u64, u64::MAX);
        if !self.reads {
            return values.iter_mut().for_each(|value| pass(self, value));
        }
        values.clear();
        for _ in 0..count {
            if self.failed() {
                return;
            }
            let mut value = blank();
            pass(self, &mut value);
            values.push(value);
        }
    }

    #[inline(never)]
    pub(super) fn bytes(&mut self, bytes: &mut Vec<u8>) {
        self.list(bytes, u8::default, |bits, byte| *byte = u8::of(bits.raw(8, byte.whole())));
    }

    #[inline(never)]
    pub(super) fn node(&mut self, NodeId(number): &mut NodeId) {
        self.number(3, number);
    }

    /// Up to the last member, one bit for each process.
    pub(super) fn nodes(&mut self, set: &mut NodeSet) {
        let mut width = set.iter().last().map_or(0, |last| last.0 + 1);
        self.number(3, &mut width);
        if width > NodeSet::LIMIT {
            return self.fail(LARGE);
        }
        let members = (0..width).map(NodeId).filter(|id| self.bit(set.contains(*id)));
        *set = members.collect();
    }

    #[inline(never)]
    pub(super) fn text(&mut self, text: &mut Text) {
        let mut bytes = text.as_bytes().to_vec();
        self.bytes(&mut bytes);
        if self.reads {
            match String::from_utf8(bytes) {
                Ok(read) => *text = read.into(),
                Err(_) => self.fail("A key or a value in it is no text."),
            }
        }
    }
}
