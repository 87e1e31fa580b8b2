# needs: shared
# script-args: $SHARED
# Recorded digits: read and saved they are the same bytes, so their text is the same where text is read as bytes.
for k in 0..10 {
  let path = args()[0] + "/data/spoken-digits/real/{k}.wav"
  let a = load(path)
  save("again.wav", a)
  save("b.wav.gz", load("again.wav"))
  assert a.rate == 8000 and all(load("b.wav.gz").x == a.x) and max(abs(a.x)) > 0.05
}
