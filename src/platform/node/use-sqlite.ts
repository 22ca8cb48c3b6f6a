// Imported for its effect, by every program that works on a search's folder: what searches know lies in SQLite, unless
// something else was chosen before.

import './use-node.js';
import { chooseTrialStoresByDefault } from '../../core/search/trial-store.js';
import { SqliteTrialStore } from './sqlite-trial-store.js';

chooseTrialStoresByDefault(SqliteTrialStore);
