//! A running hash that is the same on every platform.

use core::hash::Hasher;

/// A 64-bit running hash over fixed-width little-endian words.
///
/// Types feed it by their derived `Hash`. Lengths and discriminants, which `Hash` gives as
/// `usize` and `isize`, are widened to 64 bits, so that wasm32 and x86-64 agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// The hash of all words so far.
    pub const fn value(self) -> u64 {
        self.0
    }

    const fn word(&mut self, word: u64) {
        let mixed = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9fb2_1c65_1e98_df25);
        self.0 = mixed ^ (mixed >> 32);
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
        // The last word has room for the length. Keys and values are mostly shorter than a word:
        // shifting them together beats calling a copy.
        let rest = chunks.remainder().iter().rev();
        self.word(rest.fold(bytes.len() as u64, |word, byte| word << 8 | u64::from(*byte)));
    }

    fn write_u8(&mut self, value: u8) {
        self.word(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.word(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.word(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.word(value);
    }

    fn write_u128(&mut self, value: u128) {
        self.word(value as u64);
        self.word((value >> 64) as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.word(value as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hash::Hash;

    fn digest(value: &impl Hash) -> u64 {
        let mut digest = Digest::default();
        value.hash(&mut digest);
        digest.value()
    }

    #[test]
    fn lengths_and_contents_both_count() {
        assert_ne!(digest(&"ab"), digest(&"ab\0"));
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
        assert_ne!(digest(&Some(0_u64)), digest(&None::<u64>));
    }

    #[test]
    fn a_word_of_any_width_counts_the_same() {
        let mut narrow = Digest::default();
        narrow.write_u32(7);
        let mut wide = Digest::default();
        wide.write_usize(7);
        assert_eq!(narrow, wide);
    }
    #[test]
    fn every_width_is_one_word_and_a_wide_one_two() {
        let word = |write: fn(&mut Digest)| {
            let mut digest = Digest::default();
            write(&mut digest);
            digest.value()
        };
        let seven = word(|digest| digest.write_u64(7));
        assert_eq!(word(|digest| digest.write_u8(7)), seven);
        assert_eq!(word(|digest| digest.write_u16(7)), seven);
        assert_eq!(word(|digest| digest.write_isize(7)), seven);
        assert_eq!(
            word(|digest| digest.write_isize(-1)),
            word(|digest| digest.write_u64(u64::MAX))
        );
        assert_eq!(
            word(|digest| digest.write_u128(7 << 64 | 5)),
            word(|digest| {
                digest.write_u64(5);
                digest.write_u64(7);
            })
        );
    }
}
