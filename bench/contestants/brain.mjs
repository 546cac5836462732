// SPDX-License-Identifier: MIT
//
// brain.js: its recurrent LSTM. It draws by itself, at the temperature given, until it draws its end sign.
// It trains one sequence at a time with an optimizer of its own (RMSprop), here of 64 characters.
import lstm from "brain.js/dist/recurrent/lstm.js"; // alone, because the rest needs Node
import { TEMPERATURE, V, WINDOW, lossCheck } from "../work.mjs";

const LETTERS = Array.from({ length: V }, (_, i) => String.fromCharCode(33 + i));

function make(H, longest) {
  const net = new lstm.default({ hiddenLayers: [H], maxPredictionLength: longest });
  net.train([LETTERS.join("")], { iterations: 1 }); // sizes it to the alphabet
  return net;
}

export const brainJs = async () => ({
  write(H) {
    const net = make(H, 100);
    return () => 1 + [...net.run("!", true, TEMPERATURE)].length;
  },
  train(H) {
    const net = make(H, WINDOW.train.T);
    const sequence = LETTERS.slice(0, WINDOW.train.T).join("");
    const check = lossCheck();
    return () => {
      check(net.train([sequence], { iterations: 1, learningRate: 0.001 }).error);
      return WINDOW.train.T;
    };
  },
});
