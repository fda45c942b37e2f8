/**
 * 0.4 s of a 440 Hz sine at amplitude 12,000, phase 0 at sample 0, 24 kHz, as libopus 1.x wrote it at 32 kbit/s:
 * 20 packets of 20 ms, each with its u16 length before it, as in an audio frame.
 */
export const OPUS_PAYLOAD =
  "bQBogrVdbJ6ZrAAAChLgqdcguQ6aWUGnBcrSIV5I4wXU2KwB+EgCzLBobs/nPw20ihS06rjwyBiCBDmxSb45IfY2S7Zt" +
  "Kv8iw1XgjQhS6xPPWCJGP/9nvrpDyXEqpabihPQwV++0j2jFnGs0kTntTABopxkfV96CEjDijy/C7g5kC7JZuGtMkabJ" +
  "NGUB5aTeR1tvkzhvhvUBbVsPFwMP5EwBxA71Zt+f4/CA0MTYI1Orzr9dMAJDrZg3U9sJTgBonWnMCbQgDtMuzMPqSmEu" +
  "+xAxK9MM1rRCpdLHVbqBXi56Ymu7fxAhz74xHNichi/96ZOFOJUZ+deiPQBG3PtTdVSLyZy4sDDwfz/7tgxIAGidacwJ" +
  "tCAO/WeYbTJ5DZt5GldyfPKjNevAuB426j10UGsrWGVP5XnlENG3aMhKopBvCCvhholuTcUJkVBZXVP4m8F5UR3Fx0oA" +
  "aJ1pzAm0IAieAudE4sfkJrNFbHA2xmaoVjefqPFjuxEQtY+YNJTi9aEmduBZp1mNoD9YCvr0P3+7GabxQm1X0ceHWaAK" +
  "APd/8EZNAGidBPa4SI3dhZyAKnXyrIJ2fXntrGGjtTqAyKDt75EUDpyo1a5m33QvrU++zF/LpIsq6CYduTpdcnrbWBwV" +
  "Dw77mengUlxlnVtTsX1EUQBonJPfcy3SLe9eoZA9d3bP+ql/0eQYqJQ+HvFYOkR2+0Vx05kZtuRXn/FbnaeuJl/Jco+k" +
  "/JUqHYlihdKoyN/k4IMlGMi7eA6/Bk7FRDci3QdOAGick99zLdIzVRwWh+8Nmo4O9efHk8sFGy2NAjmtuotvabuhI31i" +
  "irqLxfdMUH5UAnVNFUylwtMsFlUi/suR/yG6qkXkzlxYGHg/g7r6DE4AaJyT33Mt0jFJBWUFmSgENG4vj5kLSHXhekkc" +
  "KQIcOcxzZ/08ecikzKYp1K/R6jqS3K62qFXu7JKxyk8+DgFSpom8NU/gRUFlR7CVAwfHUQBonJPfcy3SLdDGEf8S/9CH" +
  "FZ+xm1C8mv4UHOVn6cv+ETzkIijhjJJG19hK7fOVic5v9ho3bFPqMEdavP+8aXD6t5lN9ibVfRx4dZoAnPd/8E5NAGic" +
  "k991nPxLU0FJFN8uJuWe94ti3nLG2SQrxZYETbAdfSs2ZVU1kpFICdYrV3vHXo560Z8Vf64UmzI2XOVwzTsb+T0kq/JF" +
  "3I0bdBRETQBonJPfcy3SLe9NOv+DHrpWoK5lSN+/VjPOM3wx92Gpk7MCoEAOaeJ6IkTqhJ0Y8X7dsWaKB8ChUTWTekzM" +
  "SQrp/PukxdMC7dMwN7pUx1EAaJyT33Wc/EkyvYopv6C5AT52vq+XJYLCWIMiO4W48leqqfS6V3VI/61uQF/6+2MPuxAa" +
  "SedwWyBhZlfjdhzof/l3ko57KoH2JeASsdc/pnSMTQBonJPfdZhKdNBnO0wwe3gPtAj7BpTzfRkqhjG78nkU91bfXEPL" +
  "bIdaWGlVob4t0N2WumYNe8DD9jChz0JfgHvY0HiIgHTtPVppfMd4x0sAaJyT33Mt0jENeLykIIQkj77ds54obKfdNSlM" +
  "+VtK9TBphr5PlLkJWYtm9nmQunHgJEsPkCj75rlWZH01tK4q6uLnt95goqZwB7RGTwBonJPfdZz8S1NBHYPRgZoZYcIu" +
  "LmpxteKMSy+B/I9YmOA14cMMogFLOpS8m0JM+kADbfZ9CMvsarbuz6vuhfrglyyZUuJAq+e5ffn+ldjMSwBonJPfcy3S" +
  "MUovaYw5XxXdrW3kdEyk2PnJYo+nnEusFZaKrTIOi3GYJhdkXPc9VJJkMj/8dgzwt8K5WpGnudfiWlBIcumBlDdTakdy" +
  "AGick99zLdIzOkVVuQpOtAVHH5fh+XAzPYBhCqpFeLOFETSCnPmXZsRWP0CFpkjKQBqKsp5O8gx+PstH3fsyv03OQB5q" +
  "kWZRPSO91kxjKf5f/f/YxR9Axo2BUvmAOs8aj4xe/jCU5qzrrznTCK23+fWeJ1oA2A1cjIb4yGJhGoOGB+9/aLFcS4Bj" +
  "chsxFY8zG18WlMj1Al8JQEFRzu6KGeOphnTGP4opQhSy2ybP/fisqRYfAUfgYrJ94L4CZWSI1EXZzQ6vfVKUGHZWsJ6w" +
  "WQDYBgHHRUEUiK+HJt+I9iVMi9+E1eQ8+A5hUExJ1KR7StUA4DoIoB1tVg5TfrEwWFyr85m4+bgaQBhLcjAOU4XSYHx8" +
  "LI7kt9qWc4I5KhML2Jo0usHKwB7Ixw==";

/** Pre-skip 312 samples at 48 kHz. */
export const OPUS_HEAD = "T3B1c0hlYWQBATgBwF0AAAAAAA==";

export const OPUS_SAMPLES = 9600;
