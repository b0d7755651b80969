;; DEFLATE (RFC 1951), written for V8's compiler: assembled into inflate-module.ts, driven by inflater.ts.
;;
;; The state is kept between calls, at the border of two symbols: input that does not hold the next symbols for certain
;; (32 bytes, 352 before the header of a block) is left for the next call, so nothing is ever undone. The hot loop may
;; look 16 bytes beyond the place it is at, and writes up to 291 bytes beyond the limit of the output: inflater.ts leaves
;; room for both. It is as strict as zlib; the differences are found by inflater.test.ts, which asks both.
;;
;; A table is looked up by the next bits of the input, the first bit lowest: 11 for literals and lengths, 8 for
;; distances, 7 for code lengths. An entry has 32 bits:
;;    0 to 5   how many bits the symbol takes, with its extra bits
;;    8 to 11  how many of them are its code; for a subtable how many bits more it is looked up by
;;    13       no such symbol
;;    14       a subtable: its place in the table stands from bit 16
;;    15       neither a literal nor a length nor a distance: the block's end, if bits 13 and 14 are not set
;;    16 to 30 the base of a length or a distance, or the literal
;;    31       a literal
;; Shifts take the lowest six bits of a number, so that an entry is a count of bits as it is; the count of bits held
;; is likewise only right in its lowest six bits within the hot loop.
(module
  ;; 0x0000 table of literals and lengths: at most 2342 entries      0x2800 table of distances: at most 402
  ;; 0x3000 table of code lengths: 128                                0x3200 code lengths of a block: 316 bytes
  ;; 0x3400 symbols sorted by length, 16 bits each                    0x3680 how many codes have each length
  ;; 0x36c0 where each length begins among the sorted                 0x3700 lengths of the code of code lengths
  ;; 0x3720 the order these come in                                   0x3800 what symbols mean: written by inflater.ts
  ;; 0x4000 input, window and output, cut by inflater.ts
  (memory (export "memory") 9 9)
  (data (i32.const 0x3720) "\10\11\12\00\08\07\09\06\0a\05\0b\04\0c\03\0d\02\0e\01\0f")
  ;; Where the next byte of the input lies, where the next of the output goes, where the output begins that a match may
  ;; refer to.
  (global $input (export "input") (mut i32) (i32.const 0))
  (global $output (export "output") (mut i32) (i32.const 0))
  (global $history (export "history") (mut i32) (i32.const 0))
  ;; Bits taken from the input and not used, the next one lowest. Above $bits there may be more of them, which are
  ;; taken again.
  (global $hold (mut i64) (i64.const 0))
  (global $bits (mut i32) (i32.const 0))
  ;; 0 before the header of a block, 1 within a stored block, 2 within a coded one
  (global $mode (mut i32) (i32.const 0))
  (global $last (mut i32) (i32.const 0))
  ;; Bytes of the stored block that are to come.
  (global $stored (mut i32) (i32.const 0))
  ;; Whether the tables are those of the fixed codes.
  (global $fixed (mut i32) (i32.const 0))

  ;; A stream begins.
  (func (export "begin")
    (global.set $hold (i64.const 0)) (global.set $bits (i32.const 0))
    (global.set $mode (i32.const 0)) (global.set $last (i32.const 0)))

  ;; At least 56 bits are held afterwards.
  (func $refill
    (global.set $hold (i64.or (global.get $hold)
      (i64.shl (i64.load align=1 (global.get $input)) (i64.extend_i32_u (global.get $bits)))))
    (global.set $input (i32.add (global.get $input) (i32.shr_u (i32.sub (i32.const 63) (global.get $bits)) (i32.const 3))))
    (global.set $bits (i32.or (global.get $bits) (i32.const 56))))

  ;; Gives back the whole bytes that are held.
  (func $settle
    (global.set $input (i32.sub (global.get $input) (i32.shr_u (global.get $bits) (i32.const 3))))
    (global.set $bits (i32.and (global.get $bits) (i32.const 7)))
    (global.set $hold (i64.and (global.get $hold)
      (i64.sub (i64.shl (i64.const 1) (i64.extend_i32_u (global.get $bits))) (i64.const 1)))))

  ;; The next bits, as a number.
  (func $take (param $n i32) (result i32)
    (local $value i32)
    (call $refill)
    (local.set $value (i32.and (i32.wrap_i64 (global.get $hold)) (i32.sub (i32.shl (i32.const 1) (local.get $n)) (i32.const 1))))
    (global.set $hold (i64.shr_u (global.get $hold) (i64.extend_i32_u (local.get $n))))
    (global.set $bits (i32.sub (global.get $bits) (local.get $n)))
    (local.get $value))

  (func $word (param $table i32) (param $at i32) (result i32)
    (i32.add (local.get $table) (i32.shl (local.get $at) (i32.const 2))))

  ;; The code after a code that is not all $ones. It counts from its highest bit down, for its first bit is the lowest.
  (func $next (param $code i32) (param $ones i32) (result i32)
    (local $bit i32)
    (local.set $bit (i32.shl (i32.const 1) (i32.sub (i32.const 31) (i32.clz (i32.xor (local.get $code) (local.get $ones))))))
    (i32.or (i32.and (local.get $code) (i32.sub (local.get $bit) (i32.const 1))) (local.get $bit)))

  ;; Builds the table of a code from the lengths of its symbols; 0 if they are a code. It may be incomplete only where it
  ;; has one symbol, of one bit, or none, and never if it must be $complete.
  (func $build
    (param $lengths i32) (param $n i32) (param $values i32) (param $table i32) (param $tableBits i32) (param $complete i32)
    (result i32)
    (local $i i32) (local $length i32) (local $left i32) (local $longest i32) (local $at i32) (local $end i32) (local $code i32)
    (local $sorted i32) (local $bit i32) (local $count i32) (local $entry i32) (local $sub i32) (local $subBits i32)
    (local $prefix i32) (local $room i32)
    (memory.fill (i32.const 0x3680) (i32.const 0) (i32.const 64))
    (loop $counting
      (local.set $at (call $word (i32.const 0x3680) (i32.load8_u (i32.add (local.get $lengths) (local.get $i)))))
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
      (br_if $counting (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    ;; Are there more codes than their lengths leave room for, or fewer? And where does each length begin?
    (local.set $left (i32.const 1))
    (local.set $length (i32.const 1))
    (i32.store (i32.const 0x36c4) (i32.const 0))
    (loop $checking
      (local.set $count (i32.load (call $word (i32.const 0x3680) (local.get $length))))
      (local.set $left (i32.sub (i32.shl (local.get $left) (i32.const 1)) (local.get $count)))
      (if (i32.lt_s (local.get $left) (i32.const 0)) (then (return (i32.const 1))))
      (if (local.get $count) (then (local.set $longest (local.get $length))))
      (if (i32.lt_u (local.get $length) (i32.const 15)) (then
        (i32.store (call $word (i32.const 0x36c4) (local.get $length))
          (i32.add (local.get $count) (i32.load (call $word (i32.const 0x36c0) (local.get $length)))))))
      (br_if $checking (i32.le_u (local.tee $length (i32.add (local.get $length) (i32.const 1))) (i32.const 15))))
    ;; Sort by length, then by symbol.
    (local.set $i (i32.const 0))
    (loop $sorting
      (if (local.tee $length (i32.load8_u (i32.add (local.get $lengths) (local.get $i)))) (then
        (local.set $at (call $word (i32.const 0x36c0) (local.get $length)))
        (i32.store16 (i32.add (i32.const 0x3400) (i32.shl (i32.load (local.get $at)) (i32.const 1))) (local.get $i))
        (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))))
      (br_if $sorting (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (if (local.get $left) (then
      ;; What has no symbol must not come.
      (if (i32.or (local.get $complete) (i32.gt_u (local.get $longest) (i32.const 1))) (then (return (i32.const 1))))
      (local.set $entry (i32.const 0xa000))
      (if (local.get $longest) (then (local.set $entry
        (i32.add (i32.load (call $word (local.get $values) (i32.load16_u (i32.const 0x3400)))) (i32.const 0x101)))))
      (local.set $at (local.get $table))
      (local.set $end (i32.add (local.get $table) (i32.shl (i32.const 4) (local.get $tableBits))))
      (loop $filling
        (i32.store (local.get $at) (local.get $entry))
        (i32.store offset=4 (local.get $at) (i32.const 0xa000))
        (br_if $filling (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
      (return (i32.const 0))))
    ;; Codes that the table holds: the first 2^length entries are filled, then copied behind themselves.
    (local.set $sorted (i32.const 0x3400))
    (local.set $length (i32.const 0))
    (local.set $end (i32.const 1))
    (block $filled
      (loop $next
        ;; The next length that codes have; $end is how many entries are in use.
        (loop $longer
          (local.set $length (i32.add (local.get $length) (i32.const 1)))
          (if (i32.le_u (local.get $length) (local.get $tableBits)) (then
            (memory.copy
              (call $word (local.get $table) (local.get $end)) (local.get $table) (i32.shl (local.get $end) (i32.const 2)))
            (local.set $end (i32.shl (local.get $end) (i32.const 1)))))
          (br_if $longer (i32.eqz (local.tee $count (i32.load (call $word (i32.const 0x3680) (local.get $length)))))))
        (br_if $filled (i32.gt_u (local.get $length) (local.get $tableBits)))
        (loop $symbols
          (local.set $entry (i32.add
            (i32.load (call $word (local.get $values) (i32.load16_u (local.get $sorted))))
            (i32.mul (local.get $length) (i32.const 0x101))))
          (i32.store (call $word (local.get $table) (local.get $code)) (local.get $entry))
          (local.set $sorted (i32.add (local.get $sorted) (i32.const 2)))
          (if (i32.eq (local.get $code) (i32.sub (local.get $end) (i32.const 1))) (then
            ;; The last code, all ones: the rest of the table repeats what is there.
            (loop $doubling
              (if (i32.lt_u (local.get $length) (local.get $tableBits)) (then
                (memory.copy
                  (call $word (local.get $table) (local.get $end)) (local.get $table) (i32.shl (local.get $end) (i32.const 2)))
                (local.set $end (i32.shl (local.get $end) (i32.const 1)))
                (local.set $length (i32.add (local.get $length) (i32.const 1)))
                (br $doubling))))
            (return (i32.const 0))))
          (local.set $code (call $next (local.get $code) (i32.sub (local.get $end) (i32.const 1))))
          (br_if $symbols (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
        (br $next)))
    ;; Longer codes: subtables behind the table, for those that begin with the same bits.
    (local.set $room (local.get $end))
    (local.set $prefix (i32.const -1))
    (loop $lengths
      (loop $codes
        (if (i32.ne (i32.and (local.get $code) (i32.sub (local.get $end) (i32.const 1))) (local.get $prefix)) (then
          ;; As many bits as the codes that begin so need together.
          (local.set $prefix (i32.and (local.get $code) (i32.sub (local.get $end) (i32.const 1))))
          (local.set $sub (local.get $room))
          (local.set $subBits (i32.sub (local.get $length) (local.get $tableBits)))
          (local.set $left (local.get $count))
          (block $sized (loop $sizing
            (br_if $sized (i32.ge_u (local.get $left) (i32.shl (i32.const 1) (local.get $subBits))))
            (local.set $subBits (i32.add (local.get $subBits) (i32.const 1)))
            (local.set $left (i32.add (i32.shl (local.get $left) (i32.const 1))
              (i32.load (call $word (i32.const 0x3680) (i32.add (local.get $tableBits) (local.get $subBits))))))
            (br $sizing)))
          (local.set $room (i32.add (local.get $room) (i32.shl (i32.const 1) (local.get $subBits))))
          (i32.store (call $word (local.get $table) (local.get $prefix))
            (i32.or (i32.or (i32.shl (local.get $sub) (i32.const 16)) (i32.const 0xc000))
              (i32.or (i32.shl (local.get $subBits) (i32.const 8)) (local.get $tableBits))))))
        (local.set $entry (i32.add
          (i32.load (call $word (local.get $values) (i32.load16_u (local.get $sorted))))
          (i32.mul (i32.sub (local.get $length) (local.get $tableBits)) (i32.const 0x101))))
        (local.set $sorted (i32.add (local.get $sorted) (i32.const 2)))
        (local.set $i (i32.add (local.get $sub) (i32.shr_u (local.get $code) (local.get $tableBits))))
        (loop $stride
          (i32.store (call $word (local.get $table) (local.get $i)) (local.get $entry))
          (local.set $i (i32.add (local.get $i) (i32.shl (i32.const 1) (i32.sub (local.get $length) (local.get $tableBits)))))
          (br_if $stride (i32.lt_u (local.get $i) (local.get $room))))
        (local.set $bit (i32.sub (i32.shl (i32.const 1) (local.get $length)) (i32.const 1)))
        (if (i32.eq (local.get $code) (local.get $bit)) (then (return (i32.const 0))))
        (local.set $code (call $next (local.get $code) (local.get $bit)))
        (br_if $codes (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
      (loop $longer
        (local.set $length (i32.add (local.get $length) (i32.const 1)))
        (br_if $longer (i32.eqz (local.tee $count (i32.load (call $word (i32.const 0x3680) (local.get $length)))))))
      (br $lengths))
    (unreachable))

  ;; Reads a block's header: 0, or what is wrong.
  (func $header (result i32)
    (local $type i32) (local $lits i32) (local $dists i32) (local $n i32) (local $i i32) (local $symbol i32)
    (local $value i32) (local $entry i32)
    (global.set $last (call $take (i32.const 1)))
    (local.set $type (call $take (i32.const 2)))
    (if (i32.eq (local.get $type) (i32.const 3)) (then (return (i32.const 3))))
    (if (i32.eqz (local.get $type)) (then
      (call $settle)
      (global.set $hold (i64.const 0)) (global.set $bits (i32.const 0))
      (global.set $stored (i32.load16_u align=1 (global.get $input)))
      (if (i32.ne (i32.xor (global.get $stored) (i32.const 0xffff)) (i32.load16_u offset=2 align=1 (global.get $input)))
        (then (return (i32.const 4))))
      (global.set $input (i32.add (global.get $input) (i32.const 4)))
      (global.set $mode (i32.const 1))
      (return (i32.const 0))))
    (global.set $mode (i32.const 2))
    (if (i32.eq (local.get $type) (i32.const 1)) (then
      (if (i32.eqz (global.get $fixed)) (then
        (memory.fill (i32.const 0x3200) (i32.const 8) (i32.const 144))
        (memory.fill (i32.const 0x3290) (i32.const 9) (i32.const 112))
        (memory.fill (i32.const 0x3300) (i32.const 7) (i32.const 24))
        (memory.fill (i32.const 0x3318) (i32.const 8) (i32.const 8))
        (memory.fill (i32.const 0x3320) (i32.const 5) (i32.const 32))
        (drop (call $build (i32.const 0x3200) (i32.const 288) (i32.const 0x3800) (i32.const 0) (i32.const 11) (i32.const 0)))
        (drop (call $build (i32.const 0x3320) (i32.const 32) (i32.const 0x3c80) (i32.const 0x2800) (i32.const 8) (i32.const 0)))
        (global.set $fixed (i32.const 1))))
      (call $settle)
      (return (i32.const 0))))
    (global.set $fixed (i32.const 0))
    (local.set $lits (i32.add (call $take (i32.const 5)) (i32.const 257)))
    (local.set $dists (i32.add (call $take (i32.const 5)) (i32.const 1)))
    (local.set $n (i32.add (call $take (i32.const 4)) (i32.const 4)))
    (if (i32.or (i32.gt_u (local.get $lits) (i32.const 286)) (i32.gt_u (local.get $dists) (i32.const 30)))
      (then (return (i32.const 5))))
    (memory.fill (i32.const 0x3700) (i32.const 0) (i32.const 19))
    (loop $lengths
      (i32.store8 (i32.add (i32.const 0x3700) (i32.load8_u offset=0x3720 (local.get $i))) (call $take (i32.const 3)))
      (br_if $lengths (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (if (call $build (i32.const 0x3700) (i32.const 19) (i32.const 0x3d00) (i32.const 0x3000) (i32.const 7) (i32.const 1))
      (then (return (i32.const 6))))
    (local.set $n (i32.add (local.get $lits) (local.get $dists)))
    (local.set $i (i32.const 0))
    (loop $codes
      (call $refill)
      (local.set $entry (i32.load (call $word (i32.const 0x3000) (i32.and (i32.wrap_i64 (global.get $hold)) (i32.const 127)))))
      (global.set $hold (i64.shr_u (global.get $hold) (i64.extend_i32_u (local.get $entry))))
      (global.set $bits (i32.sub (global.get $bits) (i32.and (local.get $entry) (i32.const 63))))
      (local.set $symbol (i32.shr_u (local.get $entry) (i32.const 16)))
      (if (i32.lt_u (local.get $symbol) (i32.const 16)) (then
        (i32.store8 offset=0x3200 (local.get $i) (local.get $symbol))
        (local.set $i (i32.add (local.get $i) (i32.const 1))))
      (else
        (local.set $value (i32.const 0))
        (if (i32.eq (local.get $symbol) (i32.const 16)) (then
          (if (i32.eqz (local.get $i)) (then (return (i32.const 7))))
          (local.set $value (i32.load8_u offset=0x31ff (local.get $i)))
          (local.set $symbol (i32.add (call $take (i32.const 2)) (i32.const 3))))
        (else
          (if (i32.eq (local.get $symbol) (i32.const 17))
            (then (local.set $symbol (i32.add (call $take (i32.const 3)) (i32.const 3))))
            (else (local.set $symbol (i32.add (call $take (i32.const 7)) (i32.const 11)))))))
        (if (i32.gt_u (i32.add (local.get $i) (local.get $symbol)) (local.get $n)) (then (return (i32.const 7))))
        (memory.fill (i32.add (i32.const 0x3200) (local.get $i)) (local.get $value) (local.get $symbol))
        (local.set $i (i32.add (local.get $i) (local.get $symbol)))))
      (br_if $codes (i32.lt_u (local.get $i) (local.get $n))))
    (if (i32.eqz (i32.load8_u (i32.const 0x3300))) (then (return (i32.const 8))))
    (call $settle)
    (if (call $build (i32.const 0x3200) (local.get $lits) (i32.const 0x3800) (i32.const 0) (i32.const 11) (i32.const 0))
      (then (return (i32.const 9))))
    (if (call $build (i32.add (i32.const 0x3200) (local.get $lits)) (local.get $dists)
        (i32.const 0x3c80) (i32.const 0x2800) (i32.const 8) (i32.const 0))
      (then (return (i32.const 10))))
    (i32.const 0))

  ;; Where in a table the entry of a subtable lies that the next bits look up.
  (func $inSubtable (param $entry i32) (param $hold i32) (result i32)
    (i32.shl
      (i32.add
        (i32.and (i32.shr_u (local.get $entry) (i32.const 16)) (i32.const 0x7fff))
        (i32.and (local.get $hold)
          (i32.sub (i32.shl (i32.const 1) (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 15))) (i32.const 1))))
      (i32.const 2)))

  (func $least (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_u (local.get $a) (local.get $b))))

  ;; Reads symbols: 0 when it wants more input, 1 when the output is full, 2 when the block ends, or what is wrong.
  (func $codes (param $end i32) (param $limit i32) (result i32)
    (local $in i32) (local $out i32) (local $hold i64) (local $bits i32) (local $history i32) (local $fast i32)
    (local $entry i32) (local $saved i64) (local $length i32) (local $offset i32) (local $from i32) (local $to i32)
    (local $status i32) (local $vector v128)
    (local.set $in (global.get $input)) (local.set $out (global.get $output))
    (local.set $hold (global.get $hold)) (local.set $bits (global.get $bits)) (local.set $history (global.get $history))
    (local.set $fast (i32.sub (local.get $end) (i32.const 32)))
    (block $stop
      (if (i32.gt_s (local.get $in) (local.get $fast)) (then (br $stop)))
      (local.set $status (i32.const 1))
      (br_if $stop (i32.ge_u (local.get $out) (local.get $limit)))
      ;; Hold 56 bits at least, and look up the next symbol. Both are done again before the loop goes round.
      (local.set $hold (i64.or (local.get $hold)
        (i64.shl (i64.load align=1 (local.get $in)) (i64.extend_i32_u (local.get $bits)))))
      (local.set $in (i32.add (local.get $in)
        (i32.shr_u (i32.and (i32.xor (local.get $bits) (i32.const 63)) (i32.const 63)) (i32.const 3))))
      (local.set $bits (i32.or (i32.and (local.get $bits) (i32.const 63)) (i32.const 56)))
      (local.set $entry (i32.load (i32.shl (i32.and (i32.wrap_i64 (local.get $hold)) (i32.const 2047)) (i32.const 2))))
      (loop $symbols
        (block $literal
          (block $match
            (block $other
              ;; Up to three literals, of 33 bits.
            (br_if $other (i32.ge_s (local.get $entry) (i32.const 0)))
            (local.set $hold (i64.shr_u (local.get $hold) (i64.extend_i32_u (local.get $entry))))
            (local.set $bits (i32.sub (local.get $bits) (local.get $entry)))
            (local.set $length (i32.shr_u (local.get $entry) (i32.const 16)))
            (local.set $entry (i32.load (i32.shl (i32.and (i32.wrap_i64 (local.get $hold)) (i32.const 2047)) (i32.const 2))))
            (i32.store8 (local.get $out) (local.get $length))
            (local.set $out (i32.add (local.get $out) (i32.const 1)))
            (br_if $other (i32.ge_s (local.get $entry) (i32.const 0)))
            (local.set $hold (i64.shr_u (local.get $hold) (i64.extend_i32_u (local.get $entry))))
            (local.set $bits (i32.sub (local.get $bits) (local.get $entry)))
            (local.set $length (i32.shr_u (local.get $entry) (i32.const 16)))
            (local.set $entry (i32.load (i32.shl (i32.and (i32.wrap_i64 (local.get $hold)) (i32.const 2047)) (i32.const 2))))
            (i32.store8 (local.get $out) (local.get $length))
            (local.set $out (i32.add (local.get $out) (i32.const 1)))
            (br_if $other (i32.ge_s (local.get $entry) (i32.const 0)))
            (local.set $hold (i64.shr_u (local.get $hold) (i64.extend_i32_u (local.get $entry))))
            (local.set $bits (i32.sub (local.get $bits) (local.get $entry)))
            (i32.store8 (local.get $out) (i32.shr_u (local.get $entry) (i32.const 16)))
            (local.set $out (i32.add (local.get $out) (i32.const 1)))
            (br $literal))
            (local.set $saved (local.get $hold))
            (local.set $hold (i64.shr_u (local.get $hold) (i64.extend_i32_u (local.get $entry))))
            (local.set $bits (i32.sub (local.get $bits) (local.get $entry)))
            (br_if $match (i32.eqz (i32.and (local.get $entry) (i32.const 0x8000))))
            (if (i32.and (local.get $entry) (i32.const 0x4000)) (then
              (local.set $entry (i32.load (call $inSubtable (local.get $entry) (i32.wrap_i64 (local.get $hold)))))
              (local.set $saved (local.get $hold))
              (local.set $hold (i64.shr_u (local.get $hold) (i64.extend_i32_u (local.get $entry))))
              (local.set $bits (i32.sub (local.get $bits) (local.get $entry)))
              (if (i32.lt_s (local.get $entry) (i32.const 0)) (then
                (i32.store8 (local.get $out) (i32.shr_u (local.get $entry) (i32.const 16)))
                (local.set $out (i32.add (local.get $out) (i32.const 1)))
                (br $literal)))
              (br_if $match (i32.eqz (i32.and (local.get $entry) (i32.const 0x8000))))))
            (local.set $status (select (i32.const 11) (i32.const 2) (i32.and (local.get $entry) (i32.const 0x2000))))
            (br $stop))
          ;; A length, of which up to 42 bits were used so far; the distance wants 28.
          (local.set $length (i32.add (i32.shr_u (local.get $entry) (i32.const 16))
            (i32.wrap_i64 (i64.shr_u
              (i64.and (local.get $saved) (i64.xor (i64.shl (i64.const -1) (i64.extend_i32_u (local.get $entry))) (i64.const -1)))
              (i64.extend_i32_u (i32.shr_u (local.get $entry) (i32.const 8)))))))
          (if (i32.lt_u (i32.and (local.get $bits) (i32.const 63)) (i32.const 28)) (then
          (local.set $hold (i64.or (local.get $hold)
            (i64.shl (i64.load align=1 (local.get $in)) (i64.extend_i32_u (local.get $bits)))))
          (local.set $in (i32.add (local.get $in)
            (i32.shr_u (i32.and (i32.xor (local.get $bits) (i32.const 63)) (i32.const 63)) (i32.const 3))))
          (local.set $bits (i32.or (i32.and (local.get $bits) (i32.const 63)) (i32.const 56)))))
          (local.set $entry
            (i32.load offset=0x2800 (i32.shl (i32.and (i32.wrap_i64 (local.get $hold)) (i32.const 255)) (i32.const 2))))
          (if (i32.and (local.get $entry) (i32.const 0x8000)) (then
            (if (i32.and (local.get $entry) (i32.const 0x4000)) (then
              (local.set $hold (i64.shr_u (local.get $hold) (i64.const 8)))
              (local.set $bits (i32.sub (local.get $bits) (i32.const 8)))
              (local.set $entry (i32.load offset=0x2800 (call $inSubtable (local.get $entry) (i32.wrap_i64 (local.get $hold)))))))
            (if (i32.and (local.get $entry) (i32.const 0x8000)) (then (local.set $status (i32.const 12)) (br $stop)))))
          (local.set $saved (local.get $hold))
          (local.set $hold (i64.shr_u (local.get $hold) (i64.extend_i32_u (local.get $entry))))
          (local.set $bits (i32.sub (local.get $bits) (local.get $entry)))
          (local.set $offset (i32.add (i32.shr_u (local.get $entry) (i32.const 16))
            (i32.wrap_i64 (i64.shr_u
              (i64.and (local.get $saved) (i64.xor (i64.shl (i64.const -1) (i64.extend_i32_u (local.get $entry))) (i64.const -1)))
              (i64.extend_i32_u (i32.shr_u (local.get $entry) (i32.const 8)))))))
          (if (i32.gt_u (local.get $offset) (i32.sub (local.get $out) (local.get $history)))
            (then (local.set $status (i32.const 13)) (br $stop)))
          ;; The next symbol is looked up before the copying, which it does not wait for.
          (local.set $hold (i64.or (local.get $hold)
            (i64.shl (i64.load align=1 (local.get $in)) (i64.extend_i32_u (local.get $bits)))))
          (local.set $in (i32.add (local.get $in)
            (i32.shr_u (i32.and (i32.xor (local.get $bits) (i32.const 63)) (i32.const 63)) (i32.const 3))))
          (local.set $bits (i32.or (i32.and (local.get $bits) (i32.const 63)) (i32.const 56)))
          (local.set $entry (i32.load (i32.shl (i32.and (i32.wrap_i64 (local.get $hold)) (i32.const 2047)) (i32.const 2))))
          ;; Whole words, beyond the end of the match: what comes next writes over that.
          (local.set $to (local.get $out))
          (local.set $from (i32.sub (local.get $out) (local.get $offset)))
          (local.set $out (i32.add (local.get $out) (local.get $length)))
          (if (i32.ge_u (local.get $offset) (i32.const 16)) (then
            (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from)))
            (v128.store offset=16 align=1 (local.get $to) (v128.load offset=16 align=1 (local.get $from)))
            (if (i32.gt_u (local.get $length) (i32.const 32)) (then
            (loop $copy
              (local.set $from (i32.add (local.get $from) (i32.const 32)))
              (local.set $to (i32.add (local.get $to) (i32.const 32)))
              (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from)))
              (v128.store offset=16 align=1 (local.get $to) (v128.load offset=16 align=1 (local.get $from)))
              (br_if $copy (i32.lt_u (i32.add (local.get $to) (i32.const 32)) (local.get $out)))))))
          (else (if (i32.eq (local.get $offset) (i32.const 1)) (then
            (local.set $vector (i8x16.splat (i32.load8_u (local.get $from))))
            (loop $run
              (v128.store align=1 (local.get $to) (local.get $vector))
              (v128.store offset=16 align=1 (local.get $to) (local.get $vector))
              (br_if $run (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 32))) (local.get $out)))))
          (else (if (i32.ge_u (local.get $offset) (i32.const 8)) (then
            (loop $copy8
              (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $from)))
              (i64.store offset=8 align=1 (local.get $to) (i64.load offset=8 align=1 (local.get $from)))
              (local.set $from (i32.add (local.get $from) (i32.const 16)))
              (br_if $copy8 (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $out)))))
          (else
            (loop $steps
              (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $from)))
              (local.set $from (i32.add (local.get $from) (local.get $offset)))
              (br_if $steps (i32.lt_u (local.tee $to (i32.add (local.get $to) (local.get $offset))) (local.get $out))))))))))
          (br_if $symbols (i32.and (i32.le_s (local.get $in) (local.get $fast)) (i32.lt_u (local.get $out) (local.get $limit))))
          (local.set $status (i32.ge_u (local.get $out) (local.get $limit)))
          (br $stop))
        ;; Literals were the last.
        (local.set $hold (i64.or (local.get $hold)
          (i64.shl (i64.load align=1 (local.get $in)) (i64.extend_i32_u (local.get $bits)))))
        (local.set $in (i32.add (local.get $in)
          (i32.shr_u (i32.and (i32.xor (local.get $bits) (i32.const 63)) (i32.const 63)) (i32.const 3))))
        (local.set $bits (i32.or (i32.and (local.get $bits) (i32.const 63)) (i32.const 56)))
        (local.set $entry (i32.load (i32.shl (i32.and (i32.wrap_i64 (local.get $hold)) (i32.const 2047)) (i32.const 2))))
        (br_if $symbols (i32.and (i32.le_s (local.get $in) (local.get $fast)) (i32.lt_u (local.get $out) (local.get $limit))))
        (local.set $status (i32.ge_u (local.get $out) (local.get $limit)))))
    (global.set $input (local.get $in)) (global.set $output (local.get $out))
    (global.set $hold (local.get $hold)) (global.set $bits (i32.and (local.get $bits) (i32.const 63)))
    (call $settle)
    (local.get $status))

  ;; Inflates up to $end of the input and $limit of the output: 0 when it wants more input, 1 when the output is full,
  ;; 2 when the stream ends, or what is wrong.
  (func (export "run") (param $end i32) (param $limit i32) (result i32)
    (local $status i32) (local $n i32)
    (loop $blocks
      (if (i32.eqz (global.get $mode)) (then
        (if (i32.lt_s (i32.sub (local.get $end) (global.get $input)) (i32.const 352)) (then (return (i32.const 0))))
        (if (local.tee $status (call $header)) (then (call $settle) (return (local.get $status))))))
      (if (i32.eq (global.get $mode) (i32.const 1)) (then
        (local.set $n (global.get $stored))
        (local.set $n (call $least (local.get $n) (i32.sub (local.get $end) (global.get $input))))
        (local.set $n (call $least (local.get $n) (i32.sub (local.get $limit) (global.get $output))))
        (memory.copy (global.get $output) (global.get $input) (local.get $n))
        (global.set $output (i32.add (global.get $output) (local.get $n)))
        (global.set $input (i32.add (global.get $input) (local.get $n)))
        (global.set $stored (i32.sub (global.get $stored) (local.get $n)))
        (if (global.get $stored) (then
          (return (i32.ge_u (global.get $output) (local.get $limit))))))
      (else
        (local.set $status (call $codes (local.get $end) (local.get $limit)))
        (if (i32.ne (local.get $status) (i32.const 2)) (then (return (local.get $status))))))
      (global.set $mode (i32.const 0))
      (if (global.get $last) (then (return (i32.const 2))))
      (br $blocks))
    (unreachable)))
