//! What an input decides, byte by byte.

/// Decisions taken from the front of some bytes. When they are used up, every decision is 0: targets make that the choice
/// in which nothing goes wrong.
#[derive(Clone, Debug)]
pub struct Draw<'a> {
    rest: &'a [u8],
}

impl<'a> Draw<'a> {
    /// Decisions from these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// True once all bytes are used.
    pub fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number of two bytes.
    pub fn small(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number of any size: the first byte says how many bits it has.
    pub fn number(&mut self) -> u64 {
        let bits = self.byte() % 65;
        let bytes: [u8; 8] = std::array::from_fn(|index| if index * 8 < bits.into() { self.byte() } else { 0 });
        let drawn = u64::from_le_bytes(bytes);
        if bits == 64 { drawn } else { drawn & ((1 << bits) - 1) }
    }

    /// One of so many.
    pub fn index(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count.max(1)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.index(among.len())]
    }

    /// The bytes up to this one, which is left out, or all that are left.
    pub fn until(&mut self, end: u8) -> &'a [u8] {
        let at = self.rest.iter().position(|byte| *byte == end);
        let piece = &self.rest[..at.unwrap_or(self.rest.len())];
        self.rest = at.map_or(&[], |at| &self.rest[at + 1..]);
        piece
    }

    /// Leaves out what is next, as long as it is this byte.
    pub fn skip(&mut self, byte: u8) {
        let at = self.rest.iter().position(|next| *next != byte).unwrap_or(self.rest.len());
        self.rest = &self.rest[at..];
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_decides_for_the_first_choice() {
        let mut draw = Draw::new(&[7, 1, 2]);
        assert_eq!((draw.pick(&["a", "b"]), draw.small(), draw.is_over()), ("b", 513, true));
        assert_eq!((draw.byte(), draw.number(), draw.pick(&["a", "b"]), draw.until(0)), (0, 0, "a", &[][..]));
    }

    #[test]
    fn a_number_has_as_many_bits_as_its_first_byte_says() {
        assert_eq!(Draw::new(&[3, 0xff]).number(), 7);
        assert_eq!(Draw::new(&[9, 0xff, 0xff]).number(), 511);
        assert_eq!(Draw::new(&[64, 255, 255, 255, 255, 255, 255, 255, 255]).number(), u64::MAX);
    }

    #[test]
    fn pieces_end_at_their_mark() {
        let mut draw = Draw::new(b"ab\nc");
        assert_eq!((draw.until(b'\n'), draw.until(b'\n'), draw.until(b'\n')), (&b"ab"[..], &b"c"[..], &b""[..]));
    }
}
