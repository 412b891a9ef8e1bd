//! Links that nobody's run gave: taken apart, changed, and put together so that only what is in
//! them is wrong.

use base64ct::{Base64UrlUnpadded, Encoding};

/// A link in its parts.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) format: u8,
    pub(crate) engine: [u8; 4],
    pub(crate) body: Vec<u8>,
}

/// A CRC-32, bit by bit.
fn crc(bytes: impl Iterator<Item = u8>) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        for bit in 0..8 {
            let low = (crc ^ u32::from(byte >> bit)) & 1;
            crc = (crc >> 1) ^ (low * 0xedb8_8320);
        }
    }
    !crc
}

impl Parts {
    /// Those of a link that is right.
    pub(crate) fn of(link: &str) -> Self {
        let link = link.strip_prefix("run=").unwrap_or(link);
        let bytes = Base64UrlUnpadded::decode_vec(link).expect("it is base64url");
        let engine = bytes[1..5].try_into().expect("there are four");
        Self { format: bytes[0], engine, body: bytes[9..].into() }
    }

    /// The link that they are.
    pub(crate) fn sealed(&self) -> String {
        let head = [&[self.format][..], &self.engine].concat();
        let sum = crc(head.iter().chain(&self.body).copied());
        let bytes = [&head[..], &sum.to_be_bytes(), &self.body].concat();
        format!("run={}", Base64UrlUnpadded::encode_string(&bytes))
    }
}
