//! Which behaviour this is.

/// The fingerprint of how runs go: it changes when the pinned digests of the swarm do. A test holds
/// it, and says what to write here.
pub(super) const ENGINE: u32 = 0x3b92_aa06;
