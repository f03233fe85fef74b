//! Packing a crawl: a gzip member for each record, so that a record can be read without those before it.
//!
//! In: the bytes of a WARC file, in pieces of any length. Out: members that hold a record with the blank lines behind it. From a record on whose header
//! cannot be read, the rest is one member.

use super::warc::block_of_header;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// A longer header is none.
const LONGEST_HEADER_BYTES: usize = 1 << 16;

/// Packs the records that are written to it.
pub struct Members<W: Write> {
    /// None only while a member is closed.
    encoder: Option<GzEncoder<W>>,
    level: Compression,
    /// The open member holds something.
    is_begun: bool,
    at: At,
}

/// What comes next.
enum At {
    /// A header, of which so much is there.
    Header(Vec<u8>),
    /// So many bytes of a block.
    Block(u64),
    /// Line ends, then a record.
    Between,
    /// Nobody knows.
    Lost,
}

impl<W: Write> Members<W> {
    pub(crate) fn new(to: W, level: u32) -> Self {
        let level = Compression::new(level);
        Self { encoder: Some(GzEncoder::new(to, level)), level, is_begun: false, at: At::Between }
    }

    /// Closes the last member.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if let At::Header(header) = std::mem::replace(&mut self.at, At::Lost) {
            self.pack(&header)?;
        }
        self.encoder.take().ok_or_else(closed)?.finish()
    }

    fn pack(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.is_begun |= !bytes.is_empty();
        self.encoder.as_mut().ok_or_else(closed)?.write_all(bytes)
    }

    fn next_member(&mut self) -> io::Result<()> {
        if self.is_begun {
            let to = self.encoder.take().ok_or_else(closed)?.finish()?;
            self.encoder = Some(GzEncoder::new(to, self.level));
            self.is_begun = false;
        }
        Ok(())
    }

    /// Takes some bytes of `rest`; returns how many.
    fn take(&mut self, rest: &[u8]) -> io::Result<usize> {
        match &mut self.at {
            At::Lost => {
                self.pack(rest)?;
                Ok(rest.len())
            }
            At::Between => {
                let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                self.pack(&rest[..blank])?;
                if blank < rest.len() {
                    self.next_member()?;
                    self.at = At::Header(Vec::new());
                }
                Ok(blank)
            }
            At::Block(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                *left -= length as u64;
                if *left == 0 {
                    self.at = At::Between;
                }
                self.pack(&rest[..length])?;
                Ok(length)
            }
            At::Header(header) => {
                let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1);
                header.extend_from_slice(&rest[..line]);
                let is_closed = header.ends_with(b"\n\n") || header.ends_with(b"\n\r\n");
                if is_closed || header.len() > LONGEST_HEADER_BYTES {
                    let header = std::mem::take(header);
                    self.at = block_of_header(&header).map_or(At::Lost, |length| if length == 0 { At::Between } else { At::Block(length) });
                    self.pack(&header)?;
                }
                Ok(line)
            }
        }
    }
}

fn closed() -> io::Error {
    io::Error::other("the packer failed before")
}

impl<W: Write> Write for Members<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.take(rest)?;
            rest = &rest[taken..];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.as_mut().ok_or_else(closed)?.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// What each member holds.
    fn members(mut packed: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while !packed.is_empty() {
            let mut member = flate2::bufread::GzDecoder::new(packed);
            let mut text = String::new();
            member.read_to_string(&mut text).unwrap();
            packed = member.into_inner();
            found.push(text);
        }
        found
    }

    #[test]
    fn every_record_is_a_member_however_it_is_written() {
        let record = |block: &str| format!("WARC/1.0\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len());
        let records = [record("one\r\n\r\nWARC/1.0\r\n\r\n"), record(""), record("three\n")];
        let damaged = ["WARC/1.0\r\nno length: 1\r\n\r\nx\r\n\r\n".to_owned() + &record("four")];
        for records in
            [&records[..], &damaged, &[records[0].clone(), damaged[0].clone()], &[record("x")[..20].to_owned()], &[String::new()]]
        {
            let all = records.concat();
            for step in [1, 7, 1000] {
                let mut packer = Members::new(Vec::new(), 6);
                all.as_bytes().chunks(step).for_each(|piece| packer.write_all(piece).unwrap());
                assert_eq!(members(&packer.finish().unwrap()), records, "{step}");
            }
        }
    }
}
